package io.datawarehouse.kernel.deadletter;

import java.util.List;
import java.util.Optional;

/**
 * Some dead letters, oldest first. Immutable.
 *
 * @param letters the letters
 * @param next after which letter to go on, exactly when there are more
 */
public record DeadLetterPage(List<DeadLetter> letters, Optional<String> next) {

  /** Checks the page. */
  public DeadLetterPage {
    letters = List.copyOf(letters);
  }
}
