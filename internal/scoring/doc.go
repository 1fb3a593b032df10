// Package scoring is the monthly run: it turns what the store knows into intent, lays intent over fit and
// publishes the propensity of every account and product at once.
//
// What belongs together is found where the data is, by statements (sql/), shard by shard so that memory is bounded; what it is worth is added up here, by
// package intent/evidence, as the signals of one account after the other come in. Go holds the run's place and publishes. A run reads signals observed up to as_of and
// detected up to known_by, adds whole thousandths of a logit, and ranks by mid-ranks: the same inputs give the same rows.
package scoring
