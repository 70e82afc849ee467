// Package newfile writes files that are whole, and on the disk, when they have the name that was asked for.
package newfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write lets write fill a temporary file in the directory of the named one, and then gives it the name; what had it before
// is replaced, but a link stays and leads to the new file. If write fails, or the disk, nothing stays of the temporary file and
// what was there is as it was. A process that is killed leaves the temporary file, .NAME.partial-….
func Write(name string, mode fs.FileMode, write func(temporary *os.File) error) (err error) {
	if name, err = filepath.Abs(name); err != nil { // SQLite would take the beginning of a relative name for a host
		return err
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	directory, base := filepath.Split(name)
	temporary, err := os.OpenFile(filepath.Join(directory, "."+base+".partial-"+rand.Text()), os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temporary.Name())
		}
	}()
	if err := errors.Join(write(temporary), synced(temporary)); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), name); err != nil {
		return err
	}
	d, err := os.Open(directory)
	if err != nil {
		return err
	}
	return synced(d)
}

// synced closes a file, or a directory, whose content is on the disk then.
func synced(f *os.File) error { return errors.Join(f.Sync(), f.Close()) }
