package smtp

// Break closes the idle connections without the client's knowing.
func Break(c *Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.idle {
		_ = conn.net.Close()
	}
}
