//go:build !linux

package pgcluster

import (
	"os"
	"syscall"
)

// serverUser says as whom the server runs: this user, who must not be root.
func serverUser() (attr *syscall.SysProcAttr, uid, gid int, err error) {
	return nil, os.Geteuid(), os.Getegid(), nil
}

// memoryDir is a directory in memory with room for a server, or "".
func memoryDir() string { return "" }
