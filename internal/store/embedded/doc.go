// Package embedded runs the ClickHouse engine inside this process, as the library libchdb, and speaks
// ClickHouse's HTTP protocol in front of it, so that clickhouse-go stays the only client of the store.
//
// An Engine owns one data directory. Its Handler answers the protocol of
// https://clickhouse.com/docs/interfaces/http; Transport reaches it without a socket
// (clickhouse.Options.TransportFunc), Listener opens it to other processes behind a token.
//
// Each statement runs in a session of its own, as a statement over stateless HTTP does: SET, USE and
// temporary tables end with it. Sessions whose statement left no trace are kept and used again.
//
// The engine is started without the grants that reach files, other hosts or programs, for anybody;
// rows of an INSERT go through the library's insert stream, which needs none of them.
package embedded
