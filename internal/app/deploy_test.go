package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// deployFiles returns the texts under deploy/ that name flags, variables and ports.
func deployFiles(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"Dockerfile", "compose.yaml", "README.md", "systemd/*"} {
		paths, err := filepath.Glob(filepath.Join("../../deploy", pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("deploy/%s: %d files, %v", pattern, len(paths), err)
		}
		for _, p := range paths {
			body, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimPrefix(p, "../../")] = string(body)
		}
	}
	out["README.md"] = readFile(t, "../../README.md")
	return out
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestDeploymentNamesOnlyFlagsThatExist(t *testing.T) {
	known, err := FlagNames()
	if err != nil {
		t.Fatal(err)
	}
	ours := regexp.MustCompile(`(?m)(?:telltale|crawler|signal-worker|intent-scorer)\b[^\n|]*`)
	flag := regexp.MustCompile(`--([a-z][a-z-]+)`)
	for file, text := range deployFiles(t) {
		checked := 0
		for line := range strings.Lines(text) {
			if strings.Contains(line, "useradd") || strings.Contains(line, "docker compose") || strings.Contains(line, "home-dir") || strings.Contains(line, "clickhouse-client") {
				continue
			}
			for _, m := range flag.FindAllStringSubmatch(strings.Join(ours.FindAllString(line, -1), " "), -1) {
				if checked++; !known[m[1]] {
					t.Errorf("%s: --%s is no flag of any program (%s)", file, m[1], line)
				}
			}
		}
		t.Logf("%s: %d flags", file, checked)
	}
}

func TestDeploymentNamesOnlyVariablesThatExist(t *testing.T) {
	known, err := FlagNames()
	if err != nil {
		t.Fatal(err)
	}
	composeOwn := map[string]bool{"TELLTALE_CLICKHOUSE_PASSWORD": true, "TELLTALE_TEST_CLICKHOUSE": true, "TELLTALE_BENCH_CORPUS": true}
	variable := regexp.MustCompile(`TELLTALE_[A-Z_]+[A-Z]`)
	for file, text := range deployFiles(t) {
		for _, name := range variable.FindAllString(text, -1) {
			flag := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "TELLTALE_"), "_", "-"))
			if !known[flag] && !composeOwn[name] {
				t.Errorf("%s: %s is the variable of no flag", file, name)
			}
		}
	}
}

func TestDeploymentAgreesOnPorts(t *testing.T) {
	files := deployFiles(t)
	table := regexp.MustCompile(`(?m)^\| (\d+) \|`)
	listed := map[string]bool{}
	for _, m := range table.FindAllStringSubmatch(files["deploy/README.md"], -1) {
		listed[m[1]] = true
	}
	if len(listed) == 0 {
		t.Fatal("deploy/README.md lists no ports")
	}
	port := regexp.MustCompile(`(?:0\.0\.0\.0|127\.0\.0\.1|nats|clickhouse|EXPOSE ?):?(\d{4,5})\b`)
	for file, text := range files {
		for _, m := range port.FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(file, "deploy/") && !listed[m[1]] {
				t.Errorf("%s names port %s, which deploy/README.md does not list", file, m[1])
			}
		}
	}
}

func TestImageBuildsEveryProgram(t *testing.T) {
	docker := readFile(t, "../../deploy/Dockerfile")
	for name := range Programs() {
		if !strings.Contains(docker, "./cmd/"+name) {
			t.Errorf("the image does not build cmd/%s", name)
		}
	}
	if !strings.Contains(docker, "package-lock.json") || !strings.Contains(docker, "npm ci") {
		t.Error("the image does not install the engine library by the lock file")
	}
}
