package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// calls finds the texts that the program gives to functions of a name: the argument at a place, where it is a constant.
// Programs and packages for developers alone are left out.
func calls(t *testing.T, roots []string, names map[string]int) (texts []string) {
	t.Helper()
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && slices.Contains([]string{"apitest", "bench", "convert", "diff", "pgcluster", "storetest", "testdata"}, entry.Name()) {
				return fs.SkipDir
			}
			if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			for _, declared := range file.Decls {
				if _, ok := declared.(*ast.FuncDecl); !ok {
					continue // what is declared by itself is an error for the program, which others say in their words
				}
				ast.Inspect(declared, func(node ast.Node) bool {
					if text, ok := textOf(node, names); ok {
						texts = append(texts, text)
					}
					return true
				})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// textOf is the constant text that a call of one of the functions is given.
func textOf(node ast.Node, names map[string]int) (string, bool) {
	call, ok := node.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	name := function.Sel.Name
	if of, ok := function.X.(*ast.Ident); ok && (of.Name == "fmt" || of.Name == "errors") {
		name = of.Name + "." + name
	}
	place, ok := names[name]
	if !ok || len(call.Args) <= place {
		return "", false
	}
	return constant(call.Args[place])
}

// constant is the text of an expression of string literals.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := constant(e.X)
		right, also := constant(e.Y)
		return left + right, ok && also
	}
	return "", false
}

var verbs = regexp.MustCompile(`%[a-z]`)

// asWritten is a message as docs/errors.md has it: with … for what differs, and without marks of code.
func asWritten(message string) string {
	return strings.NewReplacer(`"…"`, "…", "`", "").Replace(verbs.ReplaceAllString(message, "…"))
}

func page(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("errors.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestEveryWarningOfTheLogIsExplained(t *testing.T) {
	found := calls(t, []string{"../cmd", "../api", "../internal"}, map[string]int{"Warn": 0, "Error": 0, "WarnContext": 1, "ErrorContext": 1})
	_, section, _ := strings.Cut(page(t), "\n## Messages of the log\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, section, _ = strings.Cut(section, "| --- | --- | --- |")
	for _, message := range found {
		if !strings.Contains(section, "\n| `"+message+"` | ") {
			t.Errorf("docs/errors.md does not say what to do: add to the messages of the log\n| `%s` | what happened | what to do |", message)
		}
	}
	for row := range strings.Lines(section) {
		if message, ok := strings.CutPrefix(row, "| `"); ok {
			if message, _, _ = strings.Cut(message, "` |"); !slices.Contains(found, message) {
				t.Errorf("docs/errors.md explains %q, which no line of the log says", message)
			}
		}
	}
}

func TestEveryErrorOfTheCommandLineIsExplained(t *testing.T) {
	found := calls(t, []string{"../cmd", "../internal/store", "../internal/jobs", "../internal/tracing"}, map[string]int{"fmt.Errorf": 0, "errors.New": 0})
	if len(found) < 50 {
		t.Errorf("found %d messages, want more", len(found))
	}
	_, section, _ := strings.Cut(page(t), "\n## Messages of the command line\n")
	section = strings.ReplaceAll(section, "`", "")
	for _, message := range found {
		if message = asWritten(message); strings.Trim(message, "…: ") != "" && !strings.Contains(section, message) {
			t.Errorf("docs/errors.md does not say what to do: add to the messages of the command line\n| `%s` | what to do |", message)
		}
	}
}
