package io.datawarehouse.kernel.deadletter;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where undeliverable messages wait for an operator. Thread-safe; survives restarts. */
public interface DeadLetterOffice {

  /**
   * Returns at most {@code limit} letters that come after the given id, oldest first, and no more
   * than about 4 MiB of payload, but at least one letter if there is one. Letters that cannot be
   * read are left out.
   */
  DeadLetterPage list(Optional<String> after, int limit);

  /** Returns one letter. */
  Optional<DeadLetter> find(String id);

  /** Returns how many letters wait. */
  long size();

  /**
   * Sends the message again, with a new deadline. The letter is gone when that succeeds; otherwise
   * it stays with one more attempt and the new reason, and the stage fails with that. Fails with
   * {@code NOT_FOUND} for an unknown id.
   */
  CompletionStage<Void> retry(String id);

  /** Removes a letter; returns whether it was there. */
  boolean delete(String id);
}
