package localserver

import "syscall"

// tieToParent makes the kernel send sig to the child when the thread that started it ends, so start keeps that thread.
func tieToParent(attributes *syscall.SysProcAttr, sig syscall.Signal) { attributes.Pdeathsig = sig }
