package main

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store/sqlstore"
)

// openStore makes the store and its keystore. It connects to nothing.
func openStore(c *config.Config) (*sqlstore.Store, error) {
	keys, err := openKeys(c)
	if err != nil {
		return nil, err
	}
	s, err := sqlstore.Open(c.Store.URL.Reveal(), keys, sqlstore.Options{})
	if err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	return s, nil
}

func openKeys(c *config.Config) (*sqlstore.Keys, error) {
	masters := make([]sqlstore.MasterKey, len(c.Security.MasterKeys))
	for i, key := range c.Security.MasterKeys {
		secret, err := base64.StdEncoding.DecodeString(key.Key.Reveal())
		if err != nil {
			return nil, fmt.Errorf("security.master_keys[%d].key: want base64", i)
		}
		masters[i] = sqlstore.MasterKey{ID: key.ID, Secret: secret}
	}
	return sqlstore.OpenKeys(c.Store.KeysURL.Reveal(), masters)
}
