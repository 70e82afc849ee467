package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	readSwitch  = regexp.MustCompile(`"(CATALOGUE_[A-Z_]+)"`)
	namedSwitch = regexp.MustCompile("(?m)^\\| `(CATALOGUE_[A-Z_]+)=")
)

func TestEverySwitchOfTheTestsIsExplained(t *testing.T) {
	read := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		content, err := os.ReadFile(path)
		for _, found := range readSwitch.FindAllStringSubmatch(string(content), -1) {
			read[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	contributing, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(contributing), "\n### Switches of the tests\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var named []string
	for _, found := range namedSwitch.FindAllStringSubmatch(table, -1) {
		named = append(named, found[1])
		if !read[found[1]] {
			t.Errorf("CONTRIBUTING.md explains %s, which no test reads", found[1])
		}
	}
	for name := range read {
		if !slices.Contains(named, name) {
			t.Errorf("CONTRIBUTING.md does not explain %s, which tests read: add it to the switches of the tests", name)
		}
	}
}
