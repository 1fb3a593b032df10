package app_test

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sentences writes a file of our sentences of two events and of none: enough to train on in a test.
func sentences(t *testing.T) string {
	t.Helper()
	f, err := os.Open("../signals/learned/data/sentences.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out strings.Builder
	scan := bufio.NewScanner(f)
	for n := 0; scan.Scan(); n++ {
		line := scan.Text()
		if strings.Contains(line, `"hiring"]`) || strings.Contains(line, `"award"]`) || strings.Contains(line, `"labels": []`) && n%4 == 0 {
			out.WriteString(line + "\n")
		}
	}
	return file(t, "sentences.jsonl", out.String())
}

func TestATrainedModelIsTheSameAgainAndInspectAsksIt(t *testing.T) {
	data := sentences(t)
	var models [2][]byte
	path := ""
	for i := range models {
		path = filepath.Join(t.TempDir(), "model.bin")
		told := ask(t, "", "telltale", "train", "events", "--no-measure", "--data", data, "--out", path).fine(t)
		if !strings.Contains(told.out, "written to "+path) {
			t.Errorf("told %q", told.out)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		models[i] = b
	}
	if !bytes.Equal(models[0], models[1]) {
		t.Error("the same sentences gave two models")
	}
	const question = "Harrow Tools has won the Yorkshire export award."
	for _, model := range []string{path, "none", ""} {
		told := ask(t, question, "telltale", "inspect", "text", "--event-model", model).fine(t)
		if !strings.Contains(told.out, `"award"`) {
			t.Errorf("--event-model %q: %s", model, told.out)
		}
	}
}

func TestTrainingPrintsWhoIsRightAndHowOften(t *testing.T) {
	data := sentences(t)
	told := ask(t, "", "telltale", "train", "events", "--data", data, "--folds", "2").fine(t)
	for _, want := range []string{"hiring", "rules", "learned", "combined", "macro-F1", "denied", "95 %"} {
		if !strings.Contains(told.out, want) {
			t.Errorf("no %q in\n%s", want, told.out)
		}
	}
	classes := file(t, "map.yaml", "hiring: [hiring]\naward: [award]\n")
	told = ask(t, "", "telltale", "train", "events", "--data", data, "--folds", "2", "--map", classes).fine(t)
	if !strings.Contains(told.out, "rules with the shipped model") || strings.Contains(told.out, "incident") {
		t.Errorf("another set's classes:\n%s", told.out)
	}
}

func TestTrainingOnWhatCannotBeIsToldInOneLine(t *testing.T) {
	data := sentences(t)
	few := file(t, "few.jsonl", `{"text":"We are hiring.","labels":["hiring"],"modality":"fact"}`+"\n")
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"no data", []string{"--data", "/nowhere.jsonl"}, []string{"--data", "/nowhere.jsonl", "no such file"}},
		{"a line that is none", []string{"--data", file(t, "bad.jsonl", "# ours\n{\n")}, []string{"bad.jsonl", "line 2"}},
		{"an event that is none", []string{"--data", file(t, "odd.jsonl", `{"text":"Cake!","labels":["birthday"]}`)}, []string{"odd.jsonl", "sentence 1", `"birthday"`, "--map"}},
		{"too few sentences", []string{"--data", few}, []string{"few.jsonl", "too few"}},
		{"one fold", []string{"--data", data, "--folds", "1"}, []string{"--folds", "1"}},
		{"a model of another set", []string{"--data", data, "--map", file(t, "m.yaml", "a: [award]"), "--out", "x"}, []string{"--out", "--map"}},
		{"no map", []string{"--data", data, "--map", "/nowhere.yaml"}, []string{"--map", "/nowhere.yaml", "no such file"}},
		{"a map to no event", []string{"--data", data, "--map", file(t, "n.yaml", "a: [cake]")}, []string{"n.yaml", `"cake"`}},
		{"a map of no list", []string{"--data", data, "--map", file(t, "o.yaml", "a: award")}, []string{"o.yaml", `"a"`}},
		{"an empty map", []string{"--data", data, "--map", file(t, "p.yaml", "")}, []string{"p.yaml", "holds no class"}},
		{"a directory that is missing", []string{"--no-measure", "--data", data, "--out", "/nowhere/model.bin"}, []string{"--out", "/nowhere"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ask(t, "", "telltale", append([]string{"train", "events"}, c.args...)...).refused(t, "telltale", 2, c.says...)
		})
	}
}

func TestAnEventModelThatCannotBeIsToldInOneLine(t *testing.T) {
	for name, c := range map[string]struct{ path, says string }{
		"a file that is missing":  {"/nowhere.bin", "no such file"},
		"a file that is no model": {file(t, "text.bin", "no model"), "text.bin"},
	} {
		t.Run(name, func(t *testing.T) {
			ask(t, "We are hiring.", "telltale", "inspect", "text", "--event-model", c.path).refused(t, "telltale", 2, "--event-model", c.says)
			ask(t, "", "signal-worker", "--check", "--event-model", c.path).refused(t, "signal-worker", 2, "--event-model", c.says)
		})
	}
}

func TestATopicModelCannotBeTrainedOnOrAskedWithoutOneLineThatSaysWhy(t *testing.T) {
	refused := func(says []string, args ...string) {
		t.Helper()
		ask(t, "", "telltale", append([]string{"train", "topics"}, args...)...).refused(t, "telltale", 2, says...)
	}
	refused([]string{"--data", "/nowhere.jsonl", "no such file"}, "--data", "/nowhere.jsonl")
	refused([]string{"odd.jsonl", "sentence 1", `"migration/Cake"`}, "--data", file(t, "odd.jsonl", `{"text":"Cake!","labels":["migration/Cake"]}`))
	refused([]string{"few.jsonl", "too few"}, "--data", file(t, "few.jsonl", `{"text":"We move to Azure.","labels":["migration/Azure"]}`))
	refused([]string{"--folds", "1"}, "--data", file(t, "few.jsonl", ""), "--folds", "1")
	refused([]string{"--out", "/nowhere"}, "--data", file(t, "few.jsonl", ""), "--out", "/nowhere/model.bin")
	ask(t, "We move to Azure.", "telltale", "inspect", "text", "--topic-model", "/nowhere.bin").refused(t, "telltale", 2, "--topic-model", "no such file")
	ask(t, "We move to Azure.", "telltale", "inspect", "text", "--topic-model", "../signals/learned/model.bin").refused(t, "telltale", 2, "--topic-model", "model.bin", "none of the taxonomy's topics")
}

// What only the model finds names it as its pattern; without the model it is not found.
func TestATopicThatNoRuleKnowsIsFoundByTheModel(t *testing.T) {
	const text = "Six of our accountants get to play with Copilot until Easter, then we decide."
	with := ask(t, text, "telltale", "inspect", "text").fine(t).out
	without := ask(t, text, "telltale", "inspect", "text", "--topic-model", "none").fine(t).out
	if !strings.Contains(with, `"evaluation"`) || strings.Contains(without, `"evaluation"`) {
		t.Errorf("with the model %s, without %s", with, without)
	}
}
