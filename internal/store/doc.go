// Package store keeps what Telltale knows in ClickHouse: a server's, or the engine embedded in this
// process. clickhouse-go is the only client of either, so there is one code path and one set of SQL.
//
// Effects are exactly once although delivery is at least once: every row's identity comes from its
// content, an insert is one block into one partition, and every view counts right before and after a
// merge (DESIGN §1). SQL stands in migrations/ and sql/; rows are mapped in rows.go and beside their writers.
package store
