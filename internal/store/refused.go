package store

import (
	"errors"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// refusals are the codes with which ClickHouse refuses a statement for what it says (src/Common/ErrorCodes.cpp):
// columns, values, types, functions, names, syntax, formats, settings, rights.
func refusals() []int32 {
	return []int32{
		6, 8, 10, 16, 27, 36, 41, 42, 43, 44, 46, 47, 53, 57, 60, 62, 63, 70, 72, 73, 80, 81, 115, 130, 164, 179, 207, 215, 386, 456, 497, 620,
	}
}

// Refused reports whether err says that a statement was refused for what it says, and would be refused again, where other
// errors are failures of the store.
func Refused(err error) bool {
	var x *clickhouse.Exception
	return errors.As(err, &x) && slices.Contains(refusals(), x.Code)
}
