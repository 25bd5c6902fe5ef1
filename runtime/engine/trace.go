package engine

import (
	"context"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// traced makes wazero compile calls of a Trace into functions.
func traced(ctx context.Context, t *Trace) context.Context {
	if t == nil {
		return ctx
	}
	return experimental.WithFunctionListenerFactory(ctx, experimental.FunctionListenerFactoryFunc(
		func(f api.FunctionDefinition) experimental.FunctionListener {
			if f.Index() >= t.Functions {
				return nil
			}
			return &listener{t, f.Index()}
		}))
}

// listener is what wazero calls.
type listener struct {
	*Trace
	index uint32
}

var _ experimental.FunctionListener = (*listener)(nil)

// Before implements experimental.FunctionListener.
func (l *listener) Before(ctx context.Context, _ api.Module, _ api.FunctionDefinition, _ []uint64, _ experimental.StackIterator) {
	l.Enter(ctx, l.index)
}

// After implements experimental.FunctionListener.
func (l *listener) After(ctx context.Context, _ api.Module, _ api.FunctionDefinition, _ []uint64) {
	l.Leave(ctx, l.index)
}

// Abort implements experimental.FunctionListener.
func (l *listener) Abort(context.Context, api.Module, api.FunctionDefinition, error) {}
