package io.datawarehouse.sdk.message;

/**
 * Hears events. Called on a worker thread of the bus; one event at a time per affinity key, in the
 * order of publishing, and concurrently for different keys up to the subscription's limit. An
 * exception makes the event a dead letter for this subscriber alone.
 */
@FunctionalInterface
public interface EventSubscriber {

  /** Takes one event. */
  void onEvent(Message event) throws Exception;
}
