package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/survey"
	"github.com/cxloop/cxloop/web"
)

func linkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "link PROGRAM",
		Short: "Print the public link of a program in the moment, and draw its QR code",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%w: cxloop link takes one program", errUsage)
			}
			return nil
		},
	}
	file := configFlag(cmd, defaultConfig)
	picture := cmd.Flags().String("qr", "", "file for a QR code of the link, .svg or .png")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file, os.LookupEnv)
		if err != nil {
			return err
		}
		address, err := programLink(c, args[0])
		if err != nil {
			return err
		}
		if *picture != "" {
			if err := writeQRCode(*picture, address); err != nil {
				return err
			}
		}
		fmt.Fprintln(cmd.OutOrStdout(), address)
		return nil
	}
	return cmd
}

func programLink(c *config.Config, id string) (string, error) {
	at := slices.IndexFunc(c.Programs, func(p survey.Program) bool { return p.ID == id })
	switch {
	case at < 0:
		return "", fmt.Errorf("%w: no program %q is configured", errUsage, id)
	case c.Programs[at].Kind != survey.InTheMoment:
		return "", fmt.Errorf("%w: %s is %s: only programs of kind in_the_moment have a public link", errUsage, id, c.Programs[at].Kind)
	}
	tokens, err := survey.NewTokens([]byte(c.Security.TokenKey.Reveal()))
	return web.ProgramURL(c.Server.PublicURL, tokens, id), err
}

func writeQRCode(file, address string) error {
	draw := web.QRCode
	switch strings.ToLower(filepath.Ext(file)) {
	case ".svg":
	case ".png":
		draw = web.QRCodePNG
	default:
		return fmt.Errorf("%w: --qr %s: want a file that ends in .svg or .png", errUsage, file)
	}
	body, err := draw(address)
	if err != nil {
		return err
	}
	return os.WriteFile(file, body, 0o644)
}
