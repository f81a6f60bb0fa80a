// Command floor is what the benchmark's figures are ratios to: a bare Echo server that reads the body of a request and answers
// it with a fixed JSON of 1.6 kB, the size of a cart with six lines. It checks nothing and keeps nothing.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/labstack/echo/v4"
)

const size = 1600 // bytes of an answer

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: floor HOST:PORT")
		os.Exit(2)
	}
	if err := newFloor().Start(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

func newFloor() *echo.Echo {
	const frame = `{"text":""}`
	answer := []byte(frame[:len(frame)-2] + strings.Repeat("x", size-len(frame)) + frame[len(frame)-2:])
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/livez", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	e.POST("/v1/customers/:customer/carts", func(c echo.Context) error {
		if _, err := io.ReadAll(c.Request().Body); err != nil {
			return err
		}
		return c.JSONBlob(http.StatusCreated, answer)
	})
	return e
}
