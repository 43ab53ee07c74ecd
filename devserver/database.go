package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	persistencespb "go.temporal.io/server/api/persistence/v1"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/serialization"
	temporalsql "go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/common/searchattribute/sadefs"
	sqliteschema "go.temporal.io/server/schema/sqlite"
)

// database is where the server keeps everything: memory, or a file that this process has for itself.
type database struct {
	config *config.SQL
	lock   *os.File // nil in memory
}

// openDatabase creates or opens the database, and registers the namespaces and search attributes it lacks. A file that
// is damaged, of another version, or in use by another server is refused, and left as it is.
func openDatabase(ctx context.Context, opts options) (*database, error) {
	db := &database{config: memoryConfig(fmt.Sprintf("cxloop-devserver-%d", os.Getpid()))}
	if opts.dbFilename != "" {
		if err := db.openFile(ctx, opts.dbFilename); err != nil {
			return nil, errors.Join(err, db.close())
		}
	}
	if err := db.register(ctx, opts); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return db, nil
}

func (d *database) close() error {
	if d.lock == nil {
		return nil
	}
	return d.lock.Close()
}

func memoryConfig(name string) *config.SQL {
	return &config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      name,
		ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
	}
}

func (d *database) openFile(ctx context.Context, file string) error {
	if strings.ContainsAny(file, "?#%") {
		return fmt.Errorf("database file %s: the name may not contain '?', '#' or '%%'", file)
	}
	lock, err := os.OpenFile(file+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("database file %s: %w", file, err)
	}
	d.lock = lock
	// Two servers on one file would take the shard from each other for ever.
	if err := waitForLock(ctx, lock); err != nil {
		return fmt.Errorf("database file %s is in use by another server: if that is still stopping, try again in a moment", file)
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Mode().IsRegular() && info.Size() == 0:
		if err := createFile(file); err != nil {
			return err
		}
	case err != nil:
		return fmt.Errorf("database file %s: %w", file, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("database file %s is not a regular file", file)
	}
	if err := checkFile(ctx, file); err != nil {
		return err
	}
	d.config = &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: file,
		// In WAL mode with synchronous=NORMAL a commit does not wait for the disk, three times faster; a crash of the
		// machine can lose the last commits, not the file.
		ConnectAttributes: map[string]string{"mode": "rwc", "journal_mode": "wal", "synchronous": "1", "busy_timeout": "10000"},
	}
	return nil
}

// lockWait is what a server needs to stop whose starter was killed.
const lockWait = parentCheckInterval + stopTimeout

// waitForLock takes the lock as soon as it is free. Its error is that of the last try.
func waitForLock(ctx context.Context, file *os.File) error {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// createFile makes the schema in a file beside, which then takes the name: a file that bears it is always complete.
func createFile(file string) error {
	fresh := file + ".new"
	for _, leftover := range []string{fresh, fresh + "-journal"} {
		if err := os.Remove(leftover); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("create database file %s: %w", file, err)
		}
	}
	err := sqliteschema.SetupSchema(&config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      fresh,
		ConnectAttributes: map[string]string{"mode": "rwc"},
	})
	if err == nil {
		err = os.Rename(fresh, file)
	}
	if err != nil {
		return fmt.Errorf("create database file %s: %w", file, err)
	}
	return nil
}

// checkFile reports a file that is damaged, or whose tables are not those of this server's version.
func checkFile(ctx context.Context, file string) error {
	actual, err := readSchema(ctx, "file:"+file+"?mode=rw", true)
	if err != nil {
		return fmt.Errorf("database file %s cannot be used, delete it to start anew: %w", file, err)
	}
	// The plugin builds the schema of a memory database when it first opens it, and keeps that open.
	reference := memoryConfig("cxloop-devserver-reference")
	if err := sqliteschema.CreateNamespaces(reference); err != nil {
		return fmt.Errorf("build reference schema: %w", err)
	}
	expected, err := readSchema(ctx, "file:"+reference.DatabaseName+"?mode=memory&cache=shared", false)
	if err != nil {
		return fmt.Errorf("read reference schema: %w", err)
	}
	for name, definition := range expected {
		if actual[name] != definition {
			return fmt.Errorf("database file %s was made by another version of the server (%s differs), delete it to start anew", file, name)
		}
	}
	return nil
}

// readSchema returns the definition of every table and index by name, after a check for damage if wanted.
func readSchema(ctx context.Context, dsn string, check bool) (_ map[string]string, err error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if check {
		var verdict string
		if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
			return nil, err
		}
		if verdict != "ok" {
			return nil, fmt.Errorf("it is damaged: %s", strings.ReplaceAll(verdict, "\n", " "))
		}
	}
	rows, err := db.QueryContext(ctx, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	schema := map[string]string{}
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return nil, err
		}
		schema[name] = definition
	}
	return schema, rows.Err()
}

// register creates the namespaces that are missing, and adds the search attributes that are missing in those there.
func (d *database) register(ctx context.Context, opts options) error {
	for _, name := range opts.namespaces {
		namespace, err := sqliteschema.NewNamespaceConfig(clusterName, name, false, opts.searchAttributes)
		if err != nil {
			return fmt.Errorf("--search-attribute: %w", err)
		}
		if err := sqliteschema.CreateNamespaces(d.config, namespace); err != nil {
			return fmt.Errorf("create namespace %s: %w", name, err)
		}
		if err := d.addSearchAttributes(ctx, name, opts.searchAttributes); err != nil {
			return fmt.Errorf("namespace %s: %w", name, err)
		}
	}
	return nil
}

func (d *database) addSearchAttributes(ctx context.Context, namespace string, wanted map[string]enumspb.IndexedValueType) (err error) {
	db, err := temporalsql.NewSQLDB(sqlplugin.DbKindMain, d.config, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.SelectFromNamespace(ctx, sqlplugin.NamespaceFilter{Name: &namespace})
	if err != nil {
		return err
	}
	row := rows[0]
	serializer := serialization.NewSerializer()
	detail, err := serializer.NamespaceDetailFromBlob(persistence.NewDataBlob(row.Data, row.DataEncoding))
	if err != nil {
		return err
	}
	changed, err := completeAliases(detail, wanted)
	if err != nil || !changed {
		return err
	}
	blob, err := serializer.NamespaceDetailToBlob(detail)
	if err != nil {
		return err
	}
	row.Data, row.DataEncoding = blob.GetData(), blob.GetEncodingType().String()
	_, err = db.UpdateNamespace(ctx, &row)
	return err
}

// completeAliases gives each wanted attribute that has none yet a free column of its type.
func completeAliases(detail *persistencespb.NamespaceDetail, wanted map[string]enumspb.IndexedValueType) (bool, error) {
	columns := sadefs.GetDBIndexSearchAttributes(nil).CustomSearchAttributes
	if detail.Config.CustomSearchAttributeAliases == nil {
		detail.Config.CustomSearchAttributeAliases = map[string]string{}
	}
	aliases := detail.Config.CustomSearchAttributeAliases
	columnOf := make(map[string]string, len(aliases))
	for column, name := range aliases {
		columnOf[name] = column
	}
	changed := false
	for name, valueType := range wanted {
		if column, ok := columnOf[name]; ok {
			if columns[column] != valueType {
				return false, fmt.Errorf("search attribute %s is already there as %s, not %s", name, columns[column], valueType)
			}
			continue
		}
		column := freeColumn(columns, aliases, valueType)
		if column == "" {
			return false, fmt.Errorf("no room for search attribute %s: every %s column is taken", name, valueType)
		}
		aliases[column] = name
		changed = true
	}
	return changed, nil
}

func freeColumn(columns map[string]enumspb.IndexedValueType, aliases map[string]string, valueType enumspb.IndexedValueType) string {
	for column, columnType := range columns {
		if _, taken := aliases[column]; columnType == valueType && !taken {
			return column
		}
	}
	return ""
}
