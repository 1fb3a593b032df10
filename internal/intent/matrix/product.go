package matrix

import (
	"fmt"
	"maps"
	"slices"

	"telltale/internal/fit"
)

// Product is what a product has of its own; what it leaves out is the matrix's.
type Product struct {
	// Bands, where given, are whole: all three bounds.
	Bands *fit.Bands `json:"bands,omitempty" yaml:"bands,omitempty"`
	// Cells and Clusters, where given, are whole too.
	Cells    map[fit.Rating]map[fit.Rating]string `json:"cells,omitempty" yaml:"cells,omitempty"`
	Clusters map[string]string                    `json:"clusters,omitempty" yaml:"clusters,omitempty"`
}

// For is the matrix of a product: its own bands, cells and clusters, and for the rest the default's.
func (m Matrix) For(product string) Matrix {
	own, ok := m.Products[product]
	if !ok {
		return m
	}
	m.Products = nil
	if own.Bands != nil {
		m.Bands = *own.Bands
	}
	if own.Cells != nil {
		m.Cells = own.Cells
	}
	if own.Clusters != nil {
		m.Clusters = own.Clusters
	}
	return m
}

// Own lists the products that have something of their own, in order of name.
func (m Matrix) Own() []string { return slices.Sorted(maps.Keys(m.Products)) }

func (m Matrix) validateProducts() error {
	for _, product := range m.Own() {
		own := m.Products[product]
		if product == "" || own.Bands == nil && own.Cells == nil && own.Clusters == nil {
			return fmt.Errorf("%w %s: product %q has neither bands nor cells nor clusters of its own", ErrMatrix, m.Version, product)
		}
		whole := m.For(product)
		whole.Version += ", product " + product
		if err := whole.Validate(); err != nil {
			return err
		}
	}
	return nil
}
