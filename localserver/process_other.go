//go:build unix && !linux

package localserver

import "syscall"

// tieToParent does nothing: only Linux has a signal for the death of a parent.
func tieToParent(*syscall.SysProcAttr, syscall.Signal) {}
