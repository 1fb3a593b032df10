package support

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Content writes the calendar as JSON that Load reads; equal calendars have equal content.
func (c Calendar) Content() []byte {
	f := file{Version: c.Version, Releases: make([]line, len(c.Releases))}
	for i, r := range c.Releases {
		f.Releases[i] = line{
			Name: r.Name, Also: r.Also, Detected: r.Detected, Mainstream: date(r.Mainstream), Ends: date(r.Ends), PaidUntil: date(r.PaidUntil),
			Products: r.Products, Source: r.Source,
		}
	}
	content, err := json.Marshal(f)
	if err != nil {
		panic("support: " + err.Error()) // strings only
	}
	return content
}

// date writes a day as a file has it; none is empty.
func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// ID is the version with the first 8 hex digits of its content's SHA-256, so that an edit without a new
// version is seen.
func (c Calendar) ID() string {
	sum := sha256.Sum256(c.Content())
	return c.Version + "-" + hex.EncodeToString(sum[:4])
}
