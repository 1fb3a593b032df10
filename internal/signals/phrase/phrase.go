// Package phrase finds phrases in running text: it cuts a text into sentences and words, folds the
// names it knows into one token each, and matches patterns of words, inflections, alternatives, bounded
// gaps and named slots against them. Everything is compiled once into a Set; matching is linear in the
// text, and a text without a cue word costs one pass. The package also reads a sentence's voice: whose
// intent it speaks of, whether it is denied, hedged, planned or long past.
package phrase
