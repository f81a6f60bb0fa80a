package main

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/internal/lacking"
)

// root is the folder of the project, and deploy that of containers and workflows.
var (
	root   = filepath.Join("..", "..", "..")
	deploy = filepath.Join(root, "server", "deploy")
)

// known gives the flags and environment variables of the binary.
func known(t *testing.T) (flags, variables []string) {
	t.Helper()
	parser, err := kong.New(&commands{}, kong.DefaultEnvars("CARTWRIGHT"))
	if err != nil {
		t.Fatal(err)
	}
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			flags = append(flags, "--"+flag.Name)
			if flag.Tag.Negatable != "" {
				flags = append(flags, "--no-"+flag.Name)
			}
			variables = append(variables, flag.Envs...)
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	return flags, variables
}

// What is written about the binary, for people and for machines, has only flags and variables that it has.
func TestDeploy_Flags(t *testing.T) {
	t.Parallel()
	flags, variables := known(t)
	checked := 0
	ours := []string{lacking.Variable, "CARTWRIGHT_PROOF"} // of the tests
	for _, file := range []string{
		filepath.Join(root, "README.md"), filepath.Join(deploy, "Dockerfile"),
		filepath.Join(deploy, "compose.yaml"), filepath.Join(deploy, "github-actions.yaml"),
	} {
		for line := range strings.Lines(read(t, file)) {
			for _, name := range regexp.MustCompile(`\bCARTWRIGHT_[A-Z_]+`).FindAllString(line, -1) {
				if !slices.Contains(variables, name) && !slices.Contains(ours, name) {
					t.Errorf("%s: the binary has no variable %s", file, name)
				}
			}
			_, command, ok := strings.Cut(line, "cartwright ")
			if !ok {
				_, command, _ = strings.Cut(line, "ARGS=") // of make run
			}
			if end := strings.IndexAny(command, "|>&;#`"); end >= 0 {
				command = command[:end]
			}
			for _, flag := range regexp.MustCompile(`(?:^|[ "])(--[a-z][a-z-]*)`).FindAllStringSubmatch(command, -1) {
				checked++
				if !slices.Contains(flags, flag[1]) {
					t.Errorf("%s: the binary has no flag %s, of %q", file, flag[1], line)
				}
			}
		}
	}
	if checked < 5 {
		t.Errorf("only %d flags were found", checked)
	}
}

// The image is built as the archives are, is nobody's root, and asks itself for its health.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	text := read(t, filepath.Join(deploy, "Dockerfile"))
	instructions := make(map[string][]string)
	for _, line := range regexp.MustCompile(`(?m)^([A-Z]+) (.*)$`).FindAllStringSubmatch(text, -1) {
		instructions[line[1]] = append(instructions[line[1]], line[2])
	}
	goVersion := regexp.MustCompile(`(?m)^go (1\.\d+)`).FindStringSubmatch(read(t, filepath.Join(root, "go.mod")))[1]
	if from := instructions["FROM"]; len(from) != 2 || !strings.Contains(from[0], " golang:"+goVersion+" AS build") || !strings.HasPrefix(from[1], "gcr.io/distroless/static-") {
		t.Errorf("it is made from %q", from)
	}
	if user := instructions["USER"]; len(user) != 1 || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user[0]) {
		t.Errorf("the user is %q", user)
	}
	if !strings.Contains(text, "CGO_ENABLED=0") || !strings.Contains(text, "-trimpath -ldflags='-s -w'") {
		t.Error("the binary is not built as that of an archive")
	}

	var entry, health []string
	_, check, _ := strings.Cut(instructions["HEALTHCHECK"][0], "CMD ")
	for into, from := range map[*[]string]string{&entry: instructions["ENTRYPOINT"][0], &health: check} {
		if err := json.Unmarshal([]byte(from), into); err != nil {
			t.Fatalf("%s: %v", from, err)
		}
	}
	placed := strings.Fields(instructions["COPY"][2])
	if len(entry) != 1 || entry[0] != health[0] || placed[len(placed)-1] != entry[0] {
		t.Errorf("it begins %q, asks %q and has %q", entry, health, placed)
	}
	var environment []string
	for _, pair := range instructions["ENV"] {
		environment = append(environment, strings.Fields(pair)...)
	}
	dir := t.TempDir()
	data := instructions["VOLUME"][0]
	if !slices.Contains(environment, "CARTWRIGHT_STORE=sqlite:"+data+"/cartwright.db") || !slices.Contains(environment, "CARTWRIGHT_ADDR=0.0.0.0:"+instructions["EXPOSE"][0]) {
		t.Errorf("the environment is %q", environment)
	}

	// As in the container, but for the port and the folder, which may be another's here.
	p := start(t, dir, "--store", "sqlite:"+filepath.Join(dir, "cartwright.db"), "--addr", "0.0.0.0:0")
	at, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	if got := execute(t, dir, []string{"CARTWRIGHT_ADDR=0.0.0.0:" + at.Port()}, health[1:]...); got.code != 0 {
		t.Errorf("the health check gives %+v", got)
	}
}

// Each file that the binary is made from gets into the image, by the patterns of the files that do.
func TestDockerfile_Ignores(t *testing.T) {
	t.Parallel()
	var copied []string
	for line := range strings.Lines(read(t, filepath.Join(deploy, "Dockerfile.dockerignore"))) {
		if pattern, ok := strings.CutPrefix(strings.TrimSpace(line), "!"); ok {
			copied = append(copied, pattern)
			if found, err := filepath.Glob(filepath.Join(root, pattern)); err != nil || len(found) == 0 {
				t.Errorf("%s is nothing, %v", pattern, err)
			}
		}
	}
	const format = `{{if .Module}}{{if .Module.Main}}{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`
	needed, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for path := range strings.Lines(string(needed)) {
		path, err := filepath.Rel(top, strings.TrimSpace(path))
		if err != nil {
			t.Fatal(err)
		}
		if path == "." {
			continue // of a package without such files
		}
		n++
		if !slices.ContainsFunc(copied, func(pattern string) bool {
			match, _ := filepath.Match(pattern, path)
			return match || strings.HasPrefix(path, pattern+"/")
		}) {
			t.Errorf("%s does not get into the image", path)
		}
	}
	if n < 50 {
		t.Errorf("the binary is made from %d files", n)
	}
}

// composition is a compose file, as far as it is looked at here.
type composition struct {
	Services map[string]struct {
		Image       string
		Build       struct{ Context, Dockerfile string }
		Environment map[string]string
		Ports       []string
		Volumes     []string
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
		Healthcheck struct{ Test []string }
	}
	Volumes map[string]any
}

// The two stubs of the compose file are on the database beside them, wait for it, and have ports that only this machine
// reaches.
func TestCompose(t *testing.T) {
	t.Parallel()
	var c composition
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(deploy, "compose.yaml"))), &c); err != nil {
		t.Fatal(err)
	}
	ports := make(map[string]bool)
	stubs := 0
	for name, s := range c.Services {
		if s.Build.Dockerfile == "" {
			if !regexp.MustCompile(`^postgres:\d+$`).MatchString(s.Image) || len(s.Healthcheck.Test) == 0 || len(s.Ports) > 0 {
				t.Errorf("%s is %+v", name, s)
			}
			volume, _, _ := strings.Cut(s.Volumes[0], ":")
			if _, ok := c.Volumes[volume]; !ok {
				t.Errorf("%s keeps its data in %s, which is no volume", name, volume)
			}
			continue
		}
		stubs++
		context := filepath.Join(deploy, s.Build.Context)
		if _, err := os.Stat(filepath.Join(context, s.Build.Dockerfile)); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(context, "go.mod")); err != nil {
			t.Errorf("%s is not built from the project: %v", name, err)
		}
		at, err := url.Parse(s.Environment["CARTWRIGHT_STORE"])
		if err != nil {
			t.Fatal(err)
		}
		database, ok := c.Services[at.Hostname()]
		password, _ := at.User.Password()
		if e := database.Environment; !ok || at.Scheme != "postgres" || at.User.Username() != e["POSTGRES_USER"] || password != e["POSTGRES_PASSWORD"] || at.Path != "/"+e["POSTGRES_DB"] {
			t.Errorf("%s is on %s, where there is %+v", name, at.Redacted(), database)
		}
		if s.DependsOn[at.Hostname()].Condition != "service_healthy" {
			t.Errorf("%s does not wait for its database: %+v", name, s.DependsOn)
		}
		if len(s.Ports) != 1 || !regexp.MustCompile(`^127\.0\.0\.1:\d+:8080$`).MatchString(s.Ports[0]) || ports[s.Ports[0]] {
			t.Errorf("%s has the ports %q", name, s.Ports)
		}
		ports[s.Ports[0]] = true
	}
	if stubs != 2 {
		t.Errorf("there are %d stubs", stubs)
	}
}

// workflow is a workflow of GitHub's, as far as it is looked at here.
type workflow struct {
	Jobs map[string]struct {
		Steps []struct {
			Name, Uses, Run, If string
			Env                 map[string]string
		}
	}
}

// The workflow's own steps are run as GitHub runs them, with a release that is in a folder.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		lacking.Skip(t, "the workflow is for Linux")
	}
	component(t, "bash", "tar", "sha256sum", "timeout")
	var w workflow
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(deploy, "github-actions.yaml"))), &w); err != nil {
		t.Fatal(err)
	}
	dir, release := t.TempDir(), t.TempDir()
	put(t, release, "pack.sh", "set -e; cp "+binary+" cartwright; name=cartwright_"+server.Version+"_linux_amd64.tar.gz; tar -czf $name cartwright\n"+
		"rm cartwright; { sha256sum $name; echo 0000000000000000000000000000000000000000000000000000000000000000 '' of-another-platform; } >SHA256SUMS\n")
	runScript(t, release, "pack.sh")
	put(t, release, "curl", "#!/bin/bash\nset -e; [ \"$2\" = -o ]; case $4 in https://github.com/cartwright-dev/cartwright/releases/download/v"+server.Version+"/*) cp "+release+"/${4##*/} $3;; *) exit 1;; esac\n")

	for _, step := range w.Jobs["tests"].Steps {
		if step.Name != "Get the stub" && step.Name != "Start the stub" {
			continue
		}
		script := "cd " + dir + "\nexport GITHUB_ENV=" + dir + "/env PATH=" + release + ":$PATH\n"
		for name, value := range step.Env {
			script += "export " + name + "=" + value + "\n"
		}
		put(t, dir, "step.sh", script+step.Run)
		group := runScript(t, dir, "step.sh")
		if step.Name == "Start the stub" {
			t.Cleanup(func() { endGroup(group) })
		}
	}
	variable, at, _ := strings.Cut(strings.TrimSpace(read(t, filepath.Join(dir, "env"))), "=")
	if status, header, _ := get(t, at+"/readyz"); variable != "STUB_URL" || status != 200 || header.Get("X-Cartwright") != server.Version {
		t.Errorf("%s is %s, where /readyz is %d", variable, at, status)
	}
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), fs.FileMode(0o755)); err != nil {
		t.Fatal(err)
	}
}

// runScript runs a script as GitHub does, and gives the group of its processes, some of which may go on.
func runScript(t *testing.T, dir, script string) (group int) {
	t.Helper()
	cmd := exec.Command("bash", "-e", script)
	cmd.Dir, cmd.SysProcAttr = dir, ownGroup()
	out := create(t, filepath.Join(dir, "output"))
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, read(t, out.Name()))
	}
	return cmd.Process.Pid
}
