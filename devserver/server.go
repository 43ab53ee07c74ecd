package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const (
	clusterName = "active"
	loopback    = "127.0.0.1"
	// Ports of the services that only talk to each other. Below 32768, where Linux begins to hand out ports of its own
	// accord to outgoing connections, so that a port found free stays free.
	firstInternalPort, lastInternalPort = 20000, 32000
)

// server is a running Temporal server, with its UI unless headless.
type server struct {
	temporal temporal.Server
	ui       *uiserver.Server
	database *database
}

// startServer opens the database, creates what is missing in it, and returns when the server answers. Its errors name
// the port or the file that is at fault.
func startServer(ctx context.Context, opts options) (*server, error) {
	if err := checkFree("--port", opts.ip, opts.port); err != nil {
		return nil, err
	}
	if !opts.headless {
		if err := checkFree("--ui-port", opts.ip, opts.uiPort); err != nil {
			return nil, err
		}
	}
	db, err := openDatabase(ctx, opts)
	if err != nil {
		return nil, err
	}
	srv := &server{database: db}
	if err := srv.startTemporal(opts); err != nil {
		return nil, errors.Join(err, srv.stop())
	}
	if !opts.headless {
		srv.startUI(opts)
	}
	return srv, nil
}

func (s *server) startTemporal(opts options) error {
	cfg, hosts, err := serverConfig(opts, s.database.config)
	if err != nil {
		return err
	}
	logger := newLogger(opts)
	authorizer, err := authorization.GetAuthorizerFromConfig(&cfg.Global.Authorization)
	if err != nil {
		return fmt.Errorf("create authorizer: %w", err)
	}
	claimMapper, err := authorization.GetClaimMapperFromConfig(&cfg.Global.Authorization, logger)
	if err != nil {
		return fmt.Errorf("create claim mapper: %w", err)
	}
	srv, err := temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorizer),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claimMapper }),
		temporal.WithDynamicConfigClient(dynamicConfig(opts)),
	)
	if err != nil {
		return fmt.Errorf("create server: %w", err)
	}
	if err := srv.Start(); err != nil {
		return fmt.Errorf("start server: %w", err)
	}
	s.temporal = srv
	return nil
}

func (s *server) startUI(opts options) {
	s.ui = uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		TemporalGRPCAddress: dialAddress(opts.ip, opts.port),
		Host:                uiHost(opts.ip),
		Port:                opts.uiPort,
		EnableUI:            true,
		DefaultNamespace:    opts.namespaces[min(1, len(opts.namespaces)-1)], // the first that was asked for
		// The UI is served over plain HTTP, where a browser would not send the secure cookie back.
		CORS:             uiconfig.CORS{CookieInsecure: true},
		Codec:            uiconfig.Codec{Endpoint: opts.uiCodecEndpoint},
		DisableNewsFetch: true,
		HideLogs:         true,
		Distribution:     "server",
	}))
	go func() { _ = s.ui.Start() }() // ends the process itself when it cannot listen
}

// stop ends the UI first, then the server, then gives the database back.
func (s *server) stop() error {
	if s.ui != nil {
		s.ui.Stop()
	}
	var err error
	if s.temporal != nil {
		if err = s.temporal.Stop(); err != nil {
			err = fmt.Errorf("stop server: %w", err)
		}
	}
	return errors.Join(err, s.database.close())
}

// dynamicConfig returns the values that make the server fit for one machine, overridden by those of the command line.
func dynamicConfig(opts options) dynamicconfig.StaticClient {
	values := dynamicconfig.StaticClient{
		dynamicconfig.EnableServerVersionCheck.Key(): false, // asks a server on the internet
		// With one shard, the default of 20 a second holds every workflow task back by up to 50 ms.
		dynamicconfig.TransferProcessorMaxPollRPS.Key(): 500,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():    500,
		// Partitions spread a queue over hosts; on one they only cost.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// Priority keys work by default, fairness keys once a queue has seen the first.
		dynamicconfig.MatchingAutoEnableV2.Key(): true,
		// A search attribute that was just added can be used at once.
		dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key(): true,
	}
	maps.Copy(values, opts.dynamicConfig)
	return values
}

// serverConfig returns the configuration of all four services in one process, and where each finds the others.
func serverConfig(opts options, sql *config.SQL) (*config.Config, map[primitives.ServiceName]static.Hosts, error) {
	frontend := dialAddress(opts.ip, opts.port)
	cfg := &config.Config{
		Global: config.Global{
			Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback},
		},
		Persistence: config.Persistence{
			DefaultStore:     sqliteplugin.PluginName,
			VisibilityStore:  sqliteplugin.PluginName,
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{sqliteplugin.PluginName: {SQL: sql}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: frontend},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
		Services: map[string]config.Service{
			string(primitives.FrontendService): {RPC: config.RPC{GRPCPort: opts.port, BindOnIP: opts.ip}},
		},
	}
	hosts := map[primitives.ServiceName]static.Hosts{primitives.FrontendService: static.SingleLocalHost(frontend)}
	for _, name := range []primitives.ServiceName{primitives.HistoryService, primitives.MatchingService, primitives.WorkerService} {
		port, err := internalPort(cfg.Services, opts.uiPort)
		if err != nil {
			return nil, nil, err
		}
		cfg.Services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnLocalHost: true}}
		hosts[name] = static.SingleLocalHost(net.JoinHostPort(loopback, strconv.Itoa(port)))
	}
	return cfg, hosts, nil
}

// internalPort returns a port that is free and not yet given to a service or to the UI.
func internalPort(services map[string]config.Service, uiPort int) (int, error) {
	taken := map[int]bool{uiPort: true}
	for _, service := range services {
		taken[service.RPC.GRPCPort] = true
	}
	for range 200 {
		port := firstInternalPort + rand.IntN(lastInternalPort-firstInternalPort)
		if !taken[port] && checkFree("", loopback, port) == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no free port on %s between %d and %d", loopback, firstInternalPort, lastInternalPort)
}

// checkFree returns an error that names the port and the option that chooses it, unless one can listen there.
func checkFree(option, ip string, port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %d on %s is in use (choose another with %s)", port, ip, option)
	case err != nil:
		return fmt.Errorf("cannot listen on %s port %d: %w", ip, port, err)
	}
	return listener.Close()
}

// dialAddress is where a client on this machine reaches a service that listens on ip.
func dialAddress(ip string, port int) string {
	if net.ParseIP(ip).IsUnspecified() {
		ip = loopback
	}
	return net.JoinHostPort(ip, strconv.Itoa(port))
}

// uiHost is ip as the UI wants it: it puts host and port together itself, without brackets.
func uiHost(ip string) string {
	if net.ParseIP(ip).To4() == nil {
		return "[" + ip + "]"
	}
	return ip
}

func newLogger(opts options) log.Logger {
	if opts.logLevel == "never" {
		return log.NewNoopLogger()
	}
	format := "console"
	if opts.logFormat == "json" {
		format = "json"
	}
	return log.NewZapLogger(log.BuildZapLogger(log.Config{Level: opts.logLevel, Format: format})) // to standard error
}
