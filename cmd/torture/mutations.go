package main

import (
	"context"
	"errors"
	"io"
)

func runMutations(context.Context, options, io.Writer, io.Writer) error { return errors.New("todo") }
func runMillion(context.Context, options, io.Writer, io.Writer) error   { return errors.New("todo") }
