package store

import (
	"context"
	"fmt"

	"telltale/internal/pages"
)

// maxKnown bounds the addresses of one domain that travel in a visit, the latest read first.
const maxKnown = 500

// Known returns, by domain, the validators and hashes of the pages last extracted.
func (s *Store) Known(ctx context.Context, names []string) (map[string][]pages.Known, error) {
	known := map[string][]pages.Known{}
	if len(names) == 0 {
		return known, nil
	}
	var rows []struct {
		Domain       string `ch:"domain"`
		URL          string `ch:"url"`
		ETag         string `ch:"etag"`
		LastModified string `ch:"last_modified"`
		ContentHash  string `ch:"content_hash"`
		SimHash      uint64 `ch:"simhash"`
		Kind         string `ch:"kind"`
	}
	if err := s.Select(ctx, &rows, text("known"), Params{"domains": names, "limit": uint32(maxKnown)}); err != nil {
		return nil, fmt.Errorf("read what is known of domains: %w", err)
	}
	for _, r := range rows {
		known[r.Domain] = append(known[r.Domain], pages.Known{
			URL: r.URL, ETag: r.ETag, LastModified: r.LastModified, ContentHash: r.ContentHash, SimHash: r.SimHash, Kind: pages.Kind(r.Kind),
		})
	}
	return known, nil
}
