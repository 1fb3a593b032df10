// Package matrix lays fit over intent: a versioned 4×4 table that gives each pair of ratings a cell, and each
// cell a cluster, the answer to "what next".
package matrix

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the default matrix is data
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"telltale/internal/fit"
	"telltale/internal/intent/strict"
)

// The clusters of DESIGN §4, and the one of accounts without a cell.
const (
	ActNow   = "Act Now"
	Evaluate = "Evaluate"
	Nurture  = "Nurture"
	Educate  = "Educate"
	Unknown  = "Unknown"
)

// Clusters returns the four clusters, first to work first.
func Clusters() [4]string { return [4]string{ActNow, Evaluate, Nurture, Educate} }

// ErrMatrix reports a matrix with holes, overlaps or unknown names.
var ErrMatrix = errors.New("matrix")

// maxConfig bounds a matrix file, in bytes.
const maxConfig = 64 << 10

// Matrix is the configuration of ratings, cells and clusters. It is immutable once loaded.
type Matrix struct {
	// Version is the name its author gave it; non-empty.
	Version string `json:"version" yaml:"version"`
	// Bands turn scores into ratings, for fit and for intent.
	Bands fit.Bands `json:"bands" yaml:"bands"`
	// Cells holds, by fit rating and then by intent rating, a cell: a letter and a digit.
	Cells map[fit.Rating]map[fit.Rating]string `json:"cells" yaml:"cells"`
	// Clusters names the cluster of each letter.
	Clusters map[string]string `json:"clusters" yaml:"clusters"`
	// Products gives products bands, cells or clusters of their own.
	Products map[string]Product `json:"products,omitempty" yaml:"products,omitempty"`
}

//go:embed default.yaml
var defaultYAML []byte

// Default is the matrix of DESIGN §4.
func Default() Matrix {
	m, err := Load(bytes.NewReader(defaultYAML))
	if err != nil {
		panic("matrix: the built-in matrix does not load: " + err.Error()) // a test loads it
	}
	return m
}

// Load reads a matrix from YAML or JSON, of at most 64 KiB. Unknown and doubled keys are errors, as is
// whatever Validate refuses. Errors wrap ErrMatrix.
func Load(r io.Reader) (Matrix, error) {
	var m Matrix
	if err := strict.Decode(r, maxConfig, &m); err != nil {
		return Matrix{}, fmt.Errorf("%w: %w", ErrMatrix, err)
	}
	return m, m.Validate()
}

// Validate checks that every pair of ratings has exactly one cell (no hole), that no cell stands twice (no
// overlap), that every letter has a cluster, and the bands; for every product too. Errors wrap ErrMatrix.
func (m Matrix) Validate() error {
	if m.Version == "" {
		return fmt.Errorf("%w: version is required", ErrMatrix)
	}
	if err := m.Bands.Validate(); err != nil {
		return fmt.Errorf("%w %s: %w", ErrMatrix, m.Version, err)
	}
	if err := m.validateNames(); err != nil {
		return err
	}
	seen := map[string]string{}
	for _, f := range fit.Ratings() {
		for _, i := range fit.Ratings() {
			if err := m.validateCell(f, i, seen); err != nil {
				return err
			}
		}
	}
	return m.validateProducts()
}

func (m Matrix) validateCell(f, i fit.Rating, seen map[string]string) error {
	cell, place := m.Cells[f][i], fmt.Sprintf("fit %s, intent %s", f, i)
	if cell == "" {
		return fmt.Errorf("%w %s: hole at %s", ErrMatrix, m.Version, place)
	}
	if len(cell) != 2 || cell[0] < 'A' || cell[0] > 'Z' || cell[1] < '1' || cell[1] > '9' {
		return fmt.Errorf("%w %s: cell %q at %s: want a letter and a digit", ErrMatrix, m.Version, cell, place)
	}
	if other, ok := seen[cell]; ok {
		return fmt.Errorf("%w %s: overlap: cell %s stands at %s and at %s", ErrMatrix, m.Version, cell, other, place)
	}
	if m.Clusters[cell[:1]] == "" {
		return fmt.Errorf("%w %s: letter %s of %s has no cluster", ErrMatrix, m.Version, cell[:1], place)
	}
	seen[cell] = place
	return nil
}

// validateNames refuses ratings and clusters nobody else knows.
func (m Matrix) validateNames() error {
	known := map[fit.Rating]bool{}
	for _, r := range fit.Ratings() {
		known[r] = true
	}
	for f, row := range m.Cells {
		if !known[f] {
			return fmt.Errorf("%w %s: fit rating %q is none of High, Medium, Low, Very Low", ErrMatrix, m.Version, f)
		}
		for i := range row {
			if !known[i] {
				return fmt.Errorf("%w %s: intent rating %q is none of High, Medium, Low, Very Low", ErrMatrix, m.Version, i)
			}
		}
	}
	named := map[string]bool{}
	for _, c := range Clusters() {
		named[c] = true
	}
	for letter, c := range m.Clusters {
		if !named[c] {
			return fmt.Errorf("%w %s: cluster %q of letter %s is none of Act Now, Evaluate, Nurture, Educate", ErrMatrix, m.Version, c, letter)
		}
	}
	return nil
}

// Place gives the cell and cluster of two ratings: no cell and the cluster Unknown where either is Unknown.
func (m Matrix) Place(f, i fit.Rating) (cell, cluster string) {
	cell = m.Cells[f][i]
	if cell == "" {
		return "", Unknown
	}
	return cell, m.Clusters[cell[:1]]
}

// ID is the version with the first 8 hex digits of its content's SHA-256, so that an edit without a new
// version is seen.
func (m Matrix) ID() string {
	content, err := json.Marshal(m) // maps are written in key order
	if err != nil {
		panic("matrix: " + err.Error()) // strings and finite numbers only, once validated
	}
	sum := sha256.Sum256(content)
	return m.Version + "-" + hex.EncodeToString(sum[:4])
}
