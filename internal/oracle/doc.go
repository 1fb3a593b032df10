// Package oracle asserts politeness from the outside: a loopback web of thousands of names that logs every request it is
// sent, real crawler processes that are killed, frozen, cut off and set to another time while they crawl it, and a checker
// that reads the log and fails on any request that came too early, beside another, or against robots.txt — and on too few
// pages or a fault that hit nobody at work, since idleness is no politeness.
//
// The checker knows the truth of the web and nothing of the crawler: it shares no code with what it judges.
package oracle
