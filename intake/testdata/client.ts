// What somebody writes who has the description of the API alone: types are generated from it, and this is checked against them before it runs.
import createClient from "openapi-fetch";
import type { paths } from "./api";

const [server, key] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: server, headers: { Authorization: `Bearer ${key}` } });

function check(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

async function main() {
  const made = await client.POST("/v1/tasks", { body: { title: "Call", contact_name: "Hans Müller", priority: "high" }, params: { header: { "Idempotency-Key": "ts-1" } } });
  check(made.data && "contact_id" in made.data.data && made.data.data.priority === "high", `task: ${JSON.stringify(made.error)}`);
  const read = await client.GET("/v1/tasks/{id}", { params: { path: { id: made.data.data.id } } });
  check(read.data?.data.title === "Call", "read");

  const orphan = await client.POST("/v1/tasks", { body: { title: "Orphan" } });
  check(orphan.response.status === 400 && orphan.error?.error.code === "validation_error", "orphan");
  const ambiguous = await client.POST("/v1/tasks", { body: { title: "Call", contact_name: "Peter Fischer" } });
  check(ambiguous.error?.error.candidates?.length === 2, "candidates");

  const started = await client.POST("/v1/import/tasks", {
    body: { rows: [{ Subject: "Call Hans", Who: "Hans Müller" }, { Subject: "Nobody", Who: "Nobody at all" }], mapping: { Subject: "title", Who: "contact_name" } },
  });
  check(started.data?.data.status === "completed" && started.data.data.created_count === 1, `import: ${JSON.stringify(started.error)}`);
  const rejects = await client.GET("/v1/import/jobs/{id}/rejects", { params: { path: { id: started.data.data.job_id }, query: { per_page: 10 } } });
  check(typeof rejects.data === "object" && rejects.data.data[0]?.row["Subject"] === "Nobody", "rejects");
  const listed = await client.GET("/v1/tasks", { params: { query: { import_id: started.data.data.job_id, status: "open" } } });
  check(listed.data?.meta.total === 1, "list");

  const hook = await client.POST("/v1/webhooks", { body: { url: "https://receiver.example/hook", events: ["import.failed"] } });
  check(hook.data && hook.data.data.secret?.startsWith("whsec_"), "webhook");
  const gone = await client.DELETE("/v1/webhooks/{id}", { params: { path: { id: hook.data.data.id } } });
  check(gone.response.status === 204, "delete");
  console.log("works");
}

main().catch((e) => { console.error(e); process.exit(1); });
