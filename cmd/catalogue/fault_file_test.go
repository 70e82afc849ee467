package main_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestNothingIsStoredInADatabaseFileThatWasRemoved(t *testing.T) {
	t.Parallel()
	for name, removed := range map[string][]string{
		"the file":          {""},
		"its log":           {"-wal"},
		"the file and both": {"", "-wal", "-shm"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := trouble(t, t.TempDir())
			away := t.TempDir()
			move := func(from, to string) {
				t.Helper()
				for _, suffix := range removed {
					if err := os.Rename(filepath.Join(from, "catalogue.db"+suffix), filepath.Join(to, "catalogue.db"+suffix)); err != nil {
						t.Fatal(err)
					}
				}
			}
			folder := filepath.Dir(s.dsn)
			move(folder, away)
			s.refuses(http.StatusServiceUnavailable, "storage")
			if status := s.ready(); status != http.StatusServiceUnavailable {
				t.Errorf("/readyz: got status %d, want 503", status)
			}
			s.reads()
			move(away, folder)
			s.recovers()
			s.restart()
		})
	}
}

func TestNothingIsStoredInAnotherFileThatTookThePlaceOfTheDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := trouble(t, folder)
	aside := filepath.Join(t.TempDir(), "aside.db")
	if err := os.Rename(s.dsn, aside); err != nil {
		t.Fatal(err)
	}
	prepare(t, folder) // as somebody does who restores a backup and forgets the server
	s.refuses(http.StatusServiceUnavailable, "storage")
	if status := s.ready(); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: got status %d, want 503", status)
	}
	s.reads()
	if err := os.Rename(aside, s.dsn); err != nil {
		t.Fatal(err)
	}
	s.recovers()
	s.restart()
}

// smallDisk is a file system of its own, in memory. Only who may mount has one.
func smallDisk(t *testing.T, size string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if said, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "catalogue-test", folder).CombinedOutput(); err != nil {
		unable(t, "a small disk cannot be mounted, which root can: %v: %s", err, said)
	}
	t.Cleanup(func() {
		if said, err := exec.Command("umount", "--lazy", folder).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, said)
		}
	})
	return folder
}

// fill takes all that is left of a disk, and returns what gives it back.
func fill(t *testing.T, folder string) (free func()) {
	t.Helper()
	name := filepath.Join(folder, "ballast")
	ballast, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer ballast.Close()
	for err == nil {
		_, err = ballast.Write(make([]byte, 4096))
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFullDiskRefusesWritesUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	folder := smallDisk(t, "32m")
	s := trouble(t, folder)
	before := s.imports(2000)
	free := fill(t, folder)
	text := strings.Repeat("Testo. ", 2000)
	await(t, "a write fails", func() bool {
		a := s.put(text)
		if a.status < 300 { // into what the log had left
			return false
		}
		s.wants(a, http.StatusInsufficientStorage, "full")
		return true
	})
	s.get("/v1/places/luogo-p1", "", http.StatusOK)
	s.get("/v1/search?q=luogo", "", http.StatusOK)
	s.get("/v1/publishers/"+publisher+"/places/p1", s.token, http.StatusOK)
	free()
	await(t, "the server stores again", func() bool { return s.put("x").status == http.StatusCreated })
	s.works(before, 2000) // which the full disk found under way
	s.recovers()
	s.restart()
}

// When a key was used is stored every minute.
func TestAFullDiskKeepsNobodyFromUsingAKey(t *testing.T) {
	t.Parallel()
	slow(t, "70 s")
	folder := smallDisk(t, "32m")
	s := trouble(t, folder)
	lastUsed := func() string {
		t.Helper()
		_, key, _ := strings.Cut(must(t, "keys", "list", "--database", s.dsn), "\n")
		return strings.Fields(key)[7]
	}
	if got := lastUsed(); got != "-" {
		t.Fatalf("the key was last used at %q, want none stored so early", got)
	}
	free := fill(t, folder)
	text := strings.Repeat("Testo. ", 2000)
	await(t, "a write fails", func() bool { return s.put(text).status == http.StatusInsufficientStorage })
	for end := time.Now().Add(2 * deadline); !strings.Contains(s.err.String(), "when keys were used could not be stored"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain for a word in the log: %s", 2*deadline, s.err)
		}
		s.get("/v1/me", s.token, http.StatusOK)
	}
	free()
	s.recovers()
	s.stop() // when it is stored, too
	if got := lastUsed(); got == "-" {
		t.Error("when the key was used was never stored")
	}
}

func TestAStartOnAFullDiskSaysWhatToDoAndMayBeRepeated(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]string{"no room at all": "4k", "no room for the whole schema": "256k"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := smallDisk(t, size)
			database := filepath.Join(folder, "catalogue.db")
			r := run(t, "serve", "--listen", "127.0.0.1:0", "--database", database)
			r.want(t, 1)
			r.says(t, database, "disk is full")
			if said, err := exec.Command("mount", "-o", "remount,size=8m", folder).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			serve(t, "--database", database).stop()
		})
	}
}

// inject makes what the server writes to its disk fail with an error of the operating system, until the end of the fault.
func (s *troubled) inject(t *testing.T, errno string) (end func()) {
	t.Helper()
	const calls = "pwrite64,ftruncate,fsync,fdatasync,fallocate"
	strace := exec.Command("strace", "-f", "-qqq", "-o", os.DevNull, "-p", fmt.Sprint(s.cmd.Process.Pid), "-e", "trace="+calls, "-e", "inject="+calls+":error="+errno)
	said := &buffer{}
	strace.Stderr = said
	ended := make(chan struct{})
	if err := strace.Start(); err != nil {
		unable(t, "system calls cannot be made to fail without strace (apt-get install strace): %v", err)
	}
	go func() {
		strace.Wait()
		close(ended)
	}()
	traced := func() (all bool) {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", s.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, thread := range threads {
			status, err := os.ReadFile(thread)
			if err == nil && !bytes.Contains(status, fmt.Appendf(nil, "TracerPid:\t%d\n", strace.Process.Pid)) {
				return false
			}
		}
		return true
	}
	await(t, "strace is attached", func() bool {
		select {
		case <-ended:
			unable(t, "strace may not attach to the server (kernel.yama.ptrace_scope): %s", said)
		default:
		}
		return traced()
	})
	return func() {
		strace.Process.Signal(syscall.SIGTERM)
		<-ended
	}
}

func TestADiskThatFailsRefusesWritesUntilItWorks(t *testing.T) {
	t.Parallel()
	s := trouble(t, t.TempDir())
	for _, fault := range []struct {
		errno   string
		status  int
		problem string
	}{
		{"EROFS", http.StatusServiceUnavailable, "read-only"},
		{"EIO", http.StatusServiceUnavailable, "storage"},
		{"EDQUOT", http.StatusInsufficientStorage, "full"},
	} {
		end := s.inject(t, fault.errno)
		s.refuses(fault.status, fault.problem)
		s.reads()
		end()
		s.recovers()
	}
	s.restart()
}

func TestALockedDatabaseIsBusyUntilItIsFree(t *testing.T) {
	t.Parallel()
	slow(t, "5 s")
	s := trouble(t, t.TempDir())
	d, err := sql.Open("sqlite", "file:"+s.dsn+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	lock, err := d.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.refuses(http.StatusServiceUnavailable, "busy")
	s.reads()
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	s.recovers()
	s.restart()
}

func TestADamagedDatabaseGivesNoWrongAnswer(t *testing.T) {
	t.Parallel()
	s := trouble(t, t.TempDir())
	s.works(s.imports(500), 500)
	s.stop()
	s = &troubled{server: serve(t, "--database", s.dsn, "--log-level", "warn"), dsn: s.dsn, token: s.token, kept: s.kept}
	must(t, "publishers", "create", "--database", s.dsn, "other", "Altro") // so that nothing is read from memory
	damage(t, s.dsn)
	for _, path := range []string{"/v1/me", "/v1/publishers/" + publisher + "/places/p1", "/v1/places/luogo-p1/revisions", "/v1/changes"} {
		a, err := s.ask(http.MethodGet, path, s.token, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.wants(a, http.StatusServiceUnavailable, "storage")
	}
	s.refuses(http.StatusServiceUnavailable, "storage")
	s.reads()
	s.kill()
	for _, command := range []string{"serve", "export"} {
		r := run(t, command, "--database", s.dsn)
		r.want(t, 1)
		r.says(t, s.dsn+" is damaged", "restore the last backup")
	}
}

// damage overwrites every page of a file but the first.
func damage(t *testing.T, database string) {
	t.Helper()
	f, err := os.OpenFile(database, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, int(info.Size())-page), page); err != nil {
		t.Fatal(err)
	}
}
