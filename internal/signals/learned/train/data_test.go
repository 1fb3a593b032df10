package train

import (
	"os"
	"strings"
	"testing"

	"telltale/internal/signals/events"
	"telltale/internal/signals/learned"
)

const ownSentences = "../data/sentences.jsonl"

func own(t testing.TB) []Example {
	t.Helper()
	f, err := os.Open(ownSentences)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	examples, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

func TestOurSentencesAreManyVariedAndLabelled(t *testing.T) {
	examples := own(t)
	if len(examples) < 2000 {
		t.Errorf("%d sentences, want 2,000", len(examples))
	}
	count := map[string]int{}
	for _, e := range examples {
		for _, l := range e.Labels {
			count[l]++
		}
		if len(e.Labels) == 0 {
			count["none"]++
		} else if e.Modality == "" {
			t.Errorf("no modality: %s", e.Text)
		}
		count["lang "+e.Lang]++
		count["modality "+e.Modality]++
	}
	for _, class := range append(events.Names(), "none") {
		if count[class] < 60 {
			t.Errorf("%s: %d sentences, want 60", class, count[class])
		}
	}
	for _, lang := range []string{"en", "de", "fr", "es", "sv", "nl"} {
		if count["lang "+lang] < 80 {
			t.Errorf("language %s: %d sentences, want 80", lang, count["lang "+lang])
		}
	}
	for _, m := range Modalities() {
		if count["modality "+m] < 60 {
			t.Errorf("modality %s: %d sentences, want 60", m, count["modality "+m])
		}
	}
	for _, e := range examples {
		for _, l := range e.Labels {
			if count[l] == 1 {
				t.Errorf("a label of one sentence, %q: %s", l, e.Text)
			}
		}
	}
}

func TestNoTwoOfOurSentencesAreNearDuplicates(t *testing.T) {
	examples := own(t)
	for _, p := range NearDuplicates(examples, 0.4) {
		t.Errorf("near-duplicates:\n  %s\n  %s", examples[p[0]].Text, examples[p[1]].Text)
	}
}

func TestOurSentencesSayWhoseTheyAre(t *testing.T) {
	b, err := os.ReadFile(ownSentences)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(b), "\n{")
	if !strings.HasPrefix(head, "# ") || !strings.Contains(head, "# licence: own work") {
		t.Errorf("head %q", head)
	}
}

func TestTheModelCompiledInIsTrainedOnOurSentencesOnly(t *testing.T) {
	m, err := learned.Default()
	if err != nil {
		t.Fatal(err)
	}
	examples := own(t)
	if m.Digest != Digest(examples) || m.Examples != len(examples) {
		t.Errorf("trained on %d sentences with digest %s; ours are %d with %s: train it again (docs/events.md)", m.Examples, m.Digest, len(examples), Digest(examples))
	}
	if m.Licence != "own work" {
		t.Errorf("licence %q", m.Licence)
	}
	info, err := os.Stat("../model.bin")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 3<<20 {
		t.Errorf("%d bytes, want 3 MiB at most", info.Size())
	}
	for _, name := range events.Names() {
		if m.Event(name) < 0 {
			t.Errorf("it does not know %s", name)
		}
	}
}
