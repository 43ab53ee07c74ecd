package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/store/sqlstore"
)

func keysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Count the keys of the keystore, by the master keys that wrap them",
		Args:  noArgs,
	}
	file := cmd.PersistentFlags().StringP("config", "c", defaultConfig, "the configuration file")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withKeys(cmd.Context(), *file, func(k *sqlstore.Keys) error {
			counts, err := k.Masters(cmd.Context())
			for _, id := range slices.Sorted(maps.Keys(counts)) {
				fmt.Fprintf(cmd.OutOrStdout(), "master key %s wraps %d\n", id, counts[id])
			}
			return err
		})
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "rewrap",
		Short: "Wrap all keys by the first master key, so that the others can be taken out",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withKeys(cmd.Context(), *file, func(k *sqlstore.Keys) error {
				n, err := k.Rewrap(cmd.Context())
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%d rewrapped\n", n)
				}
				return err
			})
		},
	})
	return cmd
}

// withKeys does something with the keystore of a configuration.
func withKeys(ctx context.Context, file string, do func(*sqlstore.Keys) error) (err error) {
	c, err := config.Load(file, os.LookupEnv)
	if err != nil {
		return err
	}
	keys, err := openKeys(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	if err := keys.CheckSchema(ctx); err != nil {
		return err
	}
	return do(keys)
}
