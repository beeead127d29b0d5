package io.datawarehouse.kernel.boot;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What must be undone when the kernel stops, or does not start: the last thing made is the first to
 * go. Confined to one thread at a time.
 */
final class ShutdownSteps {

  /** One thing to undo. */
  @FunctionalInterface
  interface Step {
    /** Undoes it. */
    void run() throws Exception;
  }

  private record Named(String name, Step step) {}

  private static final System.Logger LOG = System.getLogger(ShutdownSteps.class.getName());

  private final Deque<Named> steps = new ArrayDeque<>();

  /** Remembers something to undo before all that was remembered earlier. */
  void add(String name, Step step) {
    steps.push(new Named(name, step));
  }

  /** Undoes everything; a step that fails is logged, and the next one follows. */
  void run() {
    while (!steps.isEmpty()) {
      Named next = steps.pop();
      try {
        next.step.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.log(System.Logger.Level.WARNING, () -> next.name + " failed; stopping goes on", e);
      }
    }
  }
}
