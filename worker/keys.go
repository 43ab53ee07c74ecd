package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

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

func referenceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reference CONTACT",
		Short: "Say what store and log call a contact, by <crm>/<id> or mail address, or an event",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%w: %s takes one contact, as <crm>/<id> or mail address, or one id with --event", errUsage, cmd.CommandPath())
			}
			return nil
		},
	}
	file := configFlag(cmd, defaultConfig)
	event := cmd.Flags().Bool("event", false, "what is given is the id of an event")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withApp(cmd.Context(), *file, func(a *app) error {
			if *event {
				reference, err := a.store.EventReference(cmd.Context(), args[0])
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), reference)
				}
				return err
			}
			found, err := a.references(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return errors.New("no contact is known by that")
			}
			for _, reference := range found {
				fmt.Fprintln(cmd.OutOrStdout(), reference)
			}
			return nil
		})
	}
	return cmd
}

// references finds contacts by address, or the one by key; an address has no slash before
// its @ in practice, and a key begins with the id of a CRM.
func (a *app) references(ctx context.Context, contact string) ([]string, error) {
	crm, _, isKey := strings.Cut(contact, "/")
	if _, known := a.crms[crm]; !isKey || !known {
		return a.database.ReferencesAt(ctx, contact)
	}
	found, err := a.database.Contacts(ctx, []string{contact})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return []string{found[contact].Key}, nil
}
