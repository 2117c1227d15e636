package handlers_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"neptun/handlers/handlerstest"
)

// benchClientEnv makes the test binary act as a client.
const benchClientEnv = "NEPTUN_BENCH_CLIENT"

// benchClient sends requests from its own process.
type benchClient struct {
	orders  io.Writer
	results *bufio.Reader
	process *os.Process
}

// order makes the client send each request on its own connection, so many times.
type order struct {
	Address  string
	Requests []string
	Times    int
	// Limits also accepts that a request is rejected by a limit.
	Limits bool
}

func newBenchClient(b testing.TB) *benchClient {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), benchClientEnv+"=1")
	command.Stderr = os.Stderr
	orders, err := command.StdinPipe()
	handlerstest.Must(b, err)
	results, err := command.StdoutPipe()
	handlerstest.Must(b, err)
	handlerstest.Must(b, command.Start())
	b.Cleanup(func() {
		_ = orders.Close()
		_ = command.Wait()
	})
	return &benchClient{orders, bufio.NewReader(results), command.Process}
}

// send sends a target's requests, and waits for the last response.
func (c *benchClient) send(b testing.TB, s target) {
	o := order{Times: s.times}
	for _, q := range s.requests {
		o.add(b, q.to(s.server))
	}
	c.run(b, o)
}

// add adds a request to an order.
func (o *order) add(b testing.TB, q *http.Request) {
	var request strings.Builder
	handlerstest.Must(b, q.Write(&request))
	o.Address, o.Requests = q.URL.Host, append(o.Requests, request.String())
}

// run runs an order, and waits for the last response.
func (c *benchClient) run(b testing.TB, o order) {
	handlerstest.Must(b, json.NewEncoder(c.orders).Encode(o))
	if result, err := c.results.ReadString('\n'); err != nil || result != "done\n" {
		b.Fatalf("the client says %q (%v)", result, err)
	}
}

// runBenchClient runs orders until the input ends.
func runBenchClient() error {
	connections := map[string]net.Conn{}
	orders := json.NewDecoder(os.Stdin)
	for {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var sending sync.WaitGroup
		failed := make(chan error, len(o.Requests))
		for i, request := range o.Requests {
			key := fmt.Sprint(o.Address, " ", i)
			if connections[key] == nil {
				connection, err := net.Dial("tcp", o.Address)
				if err != nil {
					return err
				}
				connections[key] = connection
			}
			connection := connections[key]
			sending.Go(func() { failed <- sendAll(connection, request, o) })
		}
		sending.Wait()
		for range o.Requests {
			if err := <-failed; err != nil {
				return err
			}
		}
		fmt.Println("done")
	}
}

func sendAll(connection net.Conn, request string, o order) error {
	answers := bufio.NewReaderSize(connection, 1<<16)
	for range o.Times {
		if _, err := io.WriteString(connection, request); err != nil {
			return err
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		if !o.accepts(response.StatusCode) {
			return fmt.Errorf("the response is %s", response.Status)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return err
		}
	}
	return nil
}

func (o order) accepts(status int) bool {
	switch status {
	case http.StatusOK, http.StatusNotModified:
		return true
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return o.Limits
	}
	return false
}
