// Package failpoint names the points on the way of a row at which a fault may strike. In the
// program a step is nothing: it compiles to no instruction. Built with the tag torture it asks a
// harness, over the socket named by TASKPORT_TORTURE, whether to go on.
package failpoint

// Name is a step.
type Name string

// The steps, in the order in which a row passes them.
const (
	UploadBegun   Name = "intake.upload_begun"   // the request has been read as far as its options
	ChunkStaged   Name = "intake.chunk_staged"   // a chunk is written, the transaction open
	BeforeStaged  Name = "intake.before_commit"  // the import and all its chunks are written, not yet committed
	BeforeEnqueue Name = "intake.before_enqueue" // committed, and nobody has been told
	AfterEnqueue  Name = "intake.after_enqueue"  // the first chunks are in the queue, the answer is not sent

	Claimed      Name = "worker.claimed"
	NotClaimed   Name = "worker.not_claimed" // a delivery for which there was nothing to do
	Decoding     Name = "worker.decoding"
	Read         Name = "worker.read"
	Linked       Name = "worker.linked"
	Fenced       Name = "worker.fenced"       // the transaction holds the chunk
	TasksWritten Name = "worker.tasks"        // inside the transaction
	DeadWritten  Name = "worker.dead_letters" // inside the transaction
	BeforeCommit Name = "worker.before_commit"
	AfterCommit  Name = "worker.after_commit"
	BeforeNext   Name = "worker.before_next" // the chunk is done, the next is not yet in the queue

	BeforeSweep Name = "sweeper.before"
	AfterSweep  Name = "sweeper.after" // chunks are marked as handed over, and not yet in the queue
)
