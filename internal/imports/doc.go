// Package imports reads the files the revenue team brings (DESIGN §4, Files in): accounts, fit scores,
// subscriptions, transactions, opportunities, best customers and licences, as CSV with a header, and watch lists, as YAML.
//
// A file is read twice: once to find every bad row before anything is written, and once to write. By default one bad row
// means that nothing is imported; told to skip, bad rows are set aside in a rejects file with line, column and reason.
// Memory is bounded by the longest record, one batch of rows, and some 40 bytes a row where rows have keys.
package imports
