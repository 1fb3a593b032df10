package store

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// dictionaryTable is one table or view as it describes itself.
type dictionaryTable struct {
	Name         string `ch:"name"`
	Engine       string `ch:"engine"`
	Comment      string `ch:"comment"`
	PartitionKey string `ch:"partition_key"`
	SortingKey   string `ch:"sorting_key"`
	AsSelect     string `ch:"as_select"`
	TTL          string `ch:"ttl"`
}

type dictionaryColumn struct {
	Table   string `ch:"table"`
	Name    string `ch:"name"`
	Type    string `ch:"type"`
	Comment string `ch:"comment"`
}

// computed are the meanings of columns that a view works out, which no table can say.
func computed() map[string]string {
	return map[string]string{
		"fit_scores.band":              "By the default bands: High from 75, Medium from 55, Low from 30, Very Low below. A run rates by the bands of its own matrix: propensity.fit_rating",
		"technologies.technology":      "Name of the technology",
		"technologies.first_seen":      "Earliest observation at any address",
		"technologies.removed_at":      "When a read first lacked it, once every address that showed it was read twice more without it; null while it stands",
		"technologies.urls":            "Addresses that show it or did",
		"attributions.domains":         "Registrable domains whose visits read it: the wire's or forum's; empty where only a correction knows it",
		"attributions.candidates":      "The matcher's accounts in question, the best first: account, confidence, quoted span, reasons",
		"quarantine.domains":           "Registrable domains whose visits read it",
		"quarantine.account_id":        "An account in question",
		"quarantine.confidence":        "0–1; the best of a page comes first",
		"quarantine.evidence":          "The quoted span that names it",
		"quarantine.why":               "What speaks for it and against it",
		"published_runs.run_id":        "The latest published run of the month",
		"organisations.observed_at":    "When the statement that ranks first was first seen",
		"organisations.detected_at":    "When a fetch first showed that statement",
		"end_of_support_signals.named": "The release as the signal names it, or the technology with its version",
		"copies.stated_at":             "When the copy was published; the first fetch where it has no date",
		"copies.original_url":          "Address that published the text first",
		"copies.original_domain":       "Registrable domain of that address",
		"copies.original_stated_at":    "When the original was published; the first fetch where it has no date",
		"copies.same_words":            "The copy has the words of the original, and no others",
		"intent_intervals.margin":      "Half width of the logit's 90 % interval from the sampling of its signals, in thousandths of a logit",
		"intent_intervals.score_low":   "0–100: the score at the interval's lower end",
		"intent_intervals.score_high":  "0–100: the score at its upper end",
		"imports.heard_at":             "When it was last heard of, by the machine's clock",
		"imports.settled":              "Why the file is no half one: whole, nothing stored, imported again (the same kind and file, whole) or by hand; empty where it is one, and runs are refused",
		"copies.distance":              "Bits in which the similarity hashes of copy and original differ",
	}
}

const dictionaryHead = `# Data dictionary

Made from the schema's own comments by ` + "`telltale migrate --dictionary`" + `; a test holds it to the schema.
Read the views; the tables whose names end in ` + "`_rows`" + ` hold what they are made of. Times are UTC.
`

// WriteDictionary writes the data dictionary of the migrated database as Markdown.
func (s *Store) WriteDictionary(ctx context.Context, w io.Writer) error {
	var tables []dictionaryTable
	if err := s.Select(ctx, &tables, text("dictionary_tables"), nil); err != nil {
		return fmt.Errorf("write the data dictionary: %w", err)
	}
	var columns []dictionaryColumn
	if err := s.Select(ctx, &columns, text("dictionary_columns"), nil); err != nil {
		return fmt.Errorf("write the data dictionary: %w", err)
	}
	var b strings.Builder
	b.WriteString(dictionaryHead)
	for _, t := range tables {
		t.write(&b, inherit(t, tables, columns), s.cfg.Database)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the data dictionary: %w", err)
	}
	return nil
}

func (t dictionaryTable) write(b *strings.Builder, columns []dictionaryColumn, database string) {
	kind := "Table, " + t.Engine
	if t.Engine == "View" {
		kind = "View"
	}
	fmt.Fprintf(b, "\n## %s\n\n%s. %s\n", t.Name, kind, cell(t.Comment))
	for _, line := range [...]struct{ name, value string }{{"Sorted by", t.SortingKey}, {"Partitioned by", t.PartitionKey}, {"Kept until", t.TTL}} {
		if line.value != "" {
			fmt.Fprintf(b, "%s `%s`.\n", line.name, strings.ReplaceAll(line.value, database+".", ""))
		}
	}
	b.WriteString("\n| Column | Type | Meaning |\n|---|---|---|\n")
	for _, c := range columns {
		fmt.Fprintf(b, "| `%s` | `%s` | %s |\n", c.Name, c.Type, cell(c.Comment))
	}
}

// cell escapes what would break a Markdown table.
func cell(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "|", `\|`), "\n", " ")
}

// inherit returns a table's columns; a view's take the comments of the tables it reads, the first first.
func inherit(t dictionaryTable, tables []dictionaryTable, columns []dictionaryColumn) []dictionaryColumn {
	var own []dictionaryColumn
	for _, c := range columns {
		if c.Table == t.Name {
			own = append(own, c)
		}
	}
	if t.AsSelect == "" {
		return own
	}
	sources, meanings := reads(t, tables), computed()
	for i, c := range own {
		if meaning := meanings[t.Name+"."+c.Name]; meaning != "" {
			own[i].Comment = meaning
		}
		for _, source := range sources {
			at := slices.IndexFunc(columns, func(x dictionaryColumn) bool { return x.Table == source && x.Name == c.Name && x.Comment != "" })
			if at >= 0 && own[i].Comment == "" {
				own[i].Comment = columns[at].Comment
			}
		}
	}
	return own
}

// reads lists the tables a view reads, in order of mention, and those that they read in turn.
func reads(t dictionaryTable, tables []dictionaryTable) []string {
	type mention struct {
		name string
		at   int
	}
	var found []mention
	for _, other := range tables {
		at := regexp.MustCompile(`\.` + regexp.QuoteMeta(other.Name) + `\b`).FindStringIndex(t.AsSelect)
		if at != nil && other.Name != t.Name {
			found = append(found, mention{other.Name, at[0]})
		}
	}
	slices.SortFunc(found, func(a, b mention) int { return a.at - b.at })
	var names []string
	for _, m := range found {
		names = append(names, m.name)
	}
	for _, m := range found {
		i := slices.IndexFunc(tables, func(x dictionaryTable) bool { return x.Name == m.name })
		if tables[i].AsSelect != "" {
			names = append(names, reads(tables[i], tables)...)
		}
	}
	return names
}
