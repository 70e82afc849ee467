package pgcluster

import (
	"errors"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// serverUser says as whom the server runs: this user, or instead of root somebody without rights. The server is told
// to quit when this process dies, however it dies.
func serverUser() (attr *syscall.SysProcAttr, uid, gid int, err error) {
	attr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Geteuid() != 0 {
		return attr, os.Geteuid(), os.Getegid(), nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, 0, 0, err
		}
	}
	uid, err = strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} //nolint:gosec // ids fit
	return attr, uid, gid, errors.Join(err, err2)
}

// memoryDir is a directory in memory with room for a server, or "".
func memoryDir() string {
	const dir, room = "/dev/shm", 2 << 30 // a container gets 64 MiB of it unless told otherwise
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < room { //nolint:gosec // no block has a negative size
		return ""
	}
	return dir
}
