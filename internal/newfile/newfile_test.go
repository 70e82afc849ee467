package newfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/newfile"
)

func TestAFileHasItsNameWhenItIsWhole(t *testing.T) {
	errDisk := errors.New("the disk failed")
	for _, tt := range []struct {
		name   string
		before string // content of the file, "" for none
		err    error
		want   string
	}{
		{"a new file", "", nil, "new"},
		{"a new file that fails", "", errDisk, ""},
		{"one that replaces another", "old", nil, "new"},
		{"one that fails to replace another", "old", errDisk, "old"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			directory := t.TempDir()
			file := filepath.Join(directory, "file")
			if tt.before != "" {
				if err := os.WriteFile(file, []byte(tt.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := newfile.Write(file, 0o600, func(temporary *os.File) error {
				if now := content(t, file); now != tt.before {
					t.Errorf("while it is written, the file has %q, want %q", now, tt.before)
				}
				_, err := temporary.WriteString("new")
				return errors.Join(err, tt.err)
			})
			if !errors.Is(err, tt.err) {
				t.Errorf("got %v, want %v", err, tt.err)
			}
			if got := content(t, file); got != tt.want {
				t.Errorf("the file has %q, want %q", got, tt.want)
			}
			left, err := filepath.Glob(filepath.Join(directory, ".*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}

func TestALinkLeadsToTheNewFile(t *testing.T) {
	directory := t.TempDir()
	file, link := filepath.Join(directory, "file"), filepath.Join(t.TempDir(), "link")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o600), os.Symlink(file, link)); err != nil {
		t.Fatal(err)
	}
	err := newfile.Write(link, 0o600, func(temporary *os.File) error {
		_, err := temporary.WriteString("new")
		return err
	})
	if got := content(t, file); err != nil || got != "new" {
		t.Errorf("the file has %q, %v, want what was written through the link", got, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
}

// content is what a file has, "" for none.
func content(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}
