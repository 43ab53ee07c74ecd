package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/survey"
)

// openDevFiles makes or takes over the folder. What an ended process left behind
// needs no cleaning up: the lock is the kernel's and ends with its process.
func openDevFiles(folder string) (_ *devFiles, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	f := &devFiles{folder: folder}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	if f.lock, err = lockFile(f.path("lock")); err != nil {
		return f, err
	}
	if f.key, err = keepKey(f.path("key")); err != nil {
		return f, err
	}
	f.log, err = os.OpenFile(f.path("temporal.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	return f, err
}

func (f *devFiles) close() error {
	var errs []error
	for _, file := range []*os.File{f.log, f.lock} {
		if file != nil {
			errs = append(errs, file.Close())
		}
	}
	return errors.Join(errs...)
}

// keepSecrets writes what scripts need to send events to cxloop dev, in a form that
// a shell reads.
func (f *devFiles) keepSecrets(c *config.Config) error {
	var lines strings.Builder
	add := func(name string, secret config.Secret) { fmt.Fprintf(&lines, "%s='%s'\n", name, secret.Reveal()) }
	for _, token := range c.Security.APITokens {
		add("CXLOOP_API_TOKEN", token)
	}
	add("CXLOOP_EVENTS_SECRET", c.Security.EventsSecret)
	for _, crm := range c.CRM {
		if crm.Type == config.Webhook {
			add("CXLOOP_"+strings.ToUpper(crm.ID)+"_SECRET", crm.Secret)
		}
	}
	return replaceFile(f.path("secrets.env"), []byte(lines.String()))
}

// replaceFile writes a file for its owner alone: who reads it meanwhile finds the old one or the
// new one, whole.
func replaceFile(path string, body []byte) error {
	made, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(made.Name()) //nolint:errcheck // gone after the rename
	_, err = made.Write(body)
	if err := errors.Join(err, made.Close()); err != nil {
		return err
	}
	return os.Rename(made.Name(), path)
}

func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := make([]byte, 16)
		n, _ := file.ReadAt(holder, 0)
		_ = file.Close()
		return nil, fmt.Errorf("another cxloop dev (process %s) works with %s: stop it, or choose another folder with --data",
			strings.TrimSpace(string(holder[:n])), path)
	}
	if err := file.Truncate(0); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	_, err = fmt.Fprintln(file, os.Getpid())
	return file, err
}

// keepKey reads the kept key, or makes one.
func keepKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, survey.MinTokenKey)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
		return key, os.WriteFile(path, []byte(hex.EncodeToString(key)+"\n"), 0o600)
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) < survey.MinTokenKey {
		return nil, fmt.Errorf("%s does not hold a key of %d bytes in hexadecimal: delete it for a new one, after which the links in mails already sent no longer open",
			path, survey.MinTokenKey)
	}
	return key, nil
}
