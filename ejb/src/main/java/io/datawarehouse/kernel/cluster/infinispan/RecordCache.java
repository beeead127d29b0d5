package io.datawarehouse.kernel.cluster.infinispan;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The replicated cache as records need it. Thread-safe; no method waits for other nodes. */
interface RecordCache {

  /** Writes an entry and completes when all members have it. */
  CompletionStage<?> put(String key, String value);

  /** Removes an entry and completes when no member has it. */
  CompletionStage<?> remove(String key);

  /** Returns what this node holds, without asking anybody; a copy. */
  Map<String, String> local();
}
