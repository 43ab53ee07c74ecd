package localserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// debianPostgres matches where Debian puts the programs of each version, which are not on the PATH.
const debianPostgres = "/usr/lib/postgresql/*/bin"

// ErrNoPostgres is wrapped by the error for a machine that has no PostgreSQL server to start.
var ErrNoPostgres = errors.New("no PostgreSQL server found: sudo apt-get install -y postgresql")

// postgresPrograms returns the folder of initdb and postgres: that of the PATH, else the highest version of Debian's.
func postgresPrograms() (string, error) {
	var folders []string
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if initdb, err = filepath.EvalSymlinks(initdb); err == nil {
			folders = append(folders, filepath.Dir(initdb))
		}
	}
	return firstPostgres(append(folders, debianFolders(debianPostgres)...))
}

func firstPostgres(folders []string) (string, error) {
	for _, folder := range folders {
		if isProgram(filepath.Join(folder, "initdb")) && isProgram(filepath.Join(folder, "postgres")) {
			return folder, nil
		}
	}
	return "", ErrNoPostgres
}

// debianFolders returns what matches the pattern, highest version first.
func debianFolders(pattern string) []string {
	folders, _ := filepath.Glob(pattern) // fails for a malformed pattern alone
	slices.SortStableFunc(folders, func(a, b string) int { return debianVersion(b) - debianVersion(a) })
	return folders
}

func debianVersion(folder string) int {
	version, _ := strconv.Atoi(filepath.Base(filepath.Dir(folder))) // 0: no version, tried last
	return version
}

// postgresAccount returns whom to run PostgreSQL as: nil for the present user, and the user postgres for root, as which
// it refuses to run.
func postgresAccount() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup(postgresUser)
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no other user for it: %w", err)
	}
	uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return nil, fmt.Errorf("user %s: %w", postgresUser, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
