// Package fit holds what is known of how well an account suits a product: the 0–100 score, its rating and
// which of several stored scores holds. The look-alike model that computes scores stands beside it.
package fit

import (
	"errors"
	"fmt"
	"math"
)

// Rating is the band of a 0–100 score, for fit and for intent alike (DESIGN §4, Scores).
type Rating string

// The ratings, best first. Unknown is a rating of its own: no score, no cell, counted apart.
const (
	High    Rating = "High"
	Medium  Rating = "Medium"
	Low     Rating = "Low"
	VeryLow Rating = "Very Low"
	Unknown Rating = "Unknown"
)

// Ratings returns the four ratings that have a place in the matrix, best first.
func Ratings() [4]Rating { return [4]Rating{High, Medium, Low, VeryLow} }

// Bands are the lower bounds of the ratings High, Medium and Low, each inclusive, on the 0–100 scale;
// Very Low begins at 0. The bands are half-open, so they neither overlap nor leave holes.
type Bands struct {
	High   float64 `json:"high" yaml:"high"`
	Medium float64 `json:"medium" yaml:"medium"`
	Low    float64 `json:"low" yaml:"low"`
}

// ErrBands reports bands that overlap, leave holes or stand outside 0–100.
var ErrBands = errors.New("bands overlap or leave holes")

// DefaultBands are those of DESIGN §4: High from 75, Medium from 55, Low from 30.
func DefaultBands() Bands { return Bands{High: 75, Medium: 55, Low: 30} }

// Validate checks 0 < Low < Medium < High ≤ 100. Errors wrap ErrBands.
func (b Bands) Validate() error {
	if !(0 < b.Low && b.Low < b.Medium && b.Medium < b.High && b.High <= 100) {
		return fmt.Errorf("%w: low from %v, medium from %v, high from %v; want 0 < low < medium < high ≤ 100",
			ErrBands, b.Low, b.Medium, b.High)
	}
	return nil
}

// Rate gives the rating of a score. A score that is no number, or outside 0–100, is Unknown.
func (b Bands) Rate(score float64) Rating {
	switch {
	case math.IsNaN(score) || score < 0 || score > 100:
		return Unknown
	case score >= b.High:
		return High
	case score >= b.Medium:
		return Medium
	case score >= b.Low:
		return Low
	}
	return VeryLow
}
