// Package failpoint names the places in the processing of a row at which a fault may be injected.
// In the normal program a failpoint compiles to no instruction. Built with the tag torture, it asks
// a harness, over the socket TASKPORT_TORTURE, whether to continue.
package failpoint

// Name is the name of a failpoint.
type Name string

// The failpoints, in the order of a row's processing.
const (
	UploadBegun   Name = "intake.upload_begun"   // the options of the request have been read
	ChunkStaged   Name = "intake.chunk_staged"   // a chunk is written, the transaction is open
	BeforeStaged  Name = "intake.before_commit"  // the import and all its chunks are written, but not committed
	BeforeEnqueue Name = "intake.before_enqueue" // committed, but not announced
	AfterEnqueue  Name = "intake.after_enqueue"  // the first chunks are in the queue, the answer is not sent

	Claimed      Name = "worker.claimed"
	NotClaimed   Name = "worker.not_claimed" // a delivery without work to do
	Decoding     Name = "worker.decoding"
	Read         Name = "worker.read"
	Linked       Name = "worker.linked"
	Fenced       Name = "worker.fenced"       // the transaction holds the chunk
	TasksWritten Name = "worker.tasks"        // in the transaction
	DeadWritten  Name = "worker.dead_letters" // in the transaction
	BeforeCommit Name = "worker.before_commit"
	AfterCommit  Name = "worker.after_commit"
	BeforeNext   Name = "worker.before_next" // the chunk is done, the next one is not in the queue

	BeforeSweep Name = "sweeper.before"
	AfterSweep  Name = "sweeper.after" // chunks are recorded as enqueued, but not in the queue
)
