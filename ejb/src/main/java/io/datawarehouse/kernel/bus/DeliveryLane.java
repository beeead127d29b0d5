package io.datawarehouse.kernel.bus;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides what one handler or subscriber may work on now: at most {@code concurrency} deliveries at
 * a time, at most one per key, first come first served, and as many waiting as there is room for:
 * places, and bytes that all lanes share. It runs nothing itself. Thread-safe; every operation
 * takes constant time under one short lock, but for the one that finds the queue full and looks for
 * deliveries whose senders have given up.
 *
 * <p>A delivery that was admitted ({@link #tryEnter}, or handed out by {@link #submit} or {@link
 * #leave}) holds its place until {@link #leave} is called with its key.
 */
final class DeliveryLane {

  /** Something to deliver. */
  interface Delivery {
    /** Returns the key within which order is kept; null for none. */
    @Nullable String key();

    /** Returns how many bytes it holds while it waits; always the same. */
    long weight();

    /** Returns whether nobody waits for it any more, so that its place may go to another. */
    boolean expired();
  }

  /** What became of a submitted delivery. */
  enum Admission {
    /** It is the caller's to run now. */
    RUN,
    /** It waits; a later {@link #leave} hands it out. */
    WAITING,
    /** The queue is full; nothing was kept. */
    FULL
  }

  /** What waits behind most busy keys; stays empty. */
  private static final ArrayDeque<Delivery> NOBODY = new ArrayDeque<>(0);

  private final int concurrency;
  private final QueueBudget places;
  private final QueueBudget bytes;

  // All guarded by this.
  private final ArrayDeque<Delivery> ready = new ArrayDeque<>();
  private final Map<String, ArrayDeque<Delivery>> behindBusyKey = new HashMap<>();
  private int running;
  private int waiting;

  DeliveryLane(int concurrency, int capacity, QueueBudget bytes) {
    this(concurrency, new QueueBudget(capacity), bytes);
  }

  /**
   * @param places one for each delivery that waits
   * @param bytes what the deliveries that wait hold
   */
  DeliveryLane(int concurrency, QueueBudget places, QueueBudget bytes) {
    this.concurrency = concurrency;
    this.places = places;
    this.bytes = bytes;
  }

  /** Takes a place at once, if there is one and nobody with the same key works or waits. */
  synchronized boolean tryEnter(@Nullable String key) {
    if (running == concurrency
        || !ready.isEmpty()
        || key != null && behindBusyKey.containsKey(key)) {
      return false;
    }
    enter(key);
    return true;
  }

  /** Takes a delivery in. */
  synchronized Admission submit(Delivery delivery) {
    String key = delivery.key();
    if (running < concurrency
        && ready.isEmpty()
        && (key == null || !behindBusyKey.containsKey(key))) {
      enter(key);
      return Admission.RUN;
    }
    if (!makeRoom(delivery.weight())) {
      return Admission.FULL;
    }
    ArrayDeque<Delivery> behind = key == null ? null : behindBusyKey.get(key);
    if (behind == NOBODY) {
      behind = new ArrayDeque<>(2);
      behindBusyKey.put(key, behind);
    }
    if (behind != null) {
      behind.add(delivery);
    } else {
      if (key != null) {
        // From here on the key counts as busy, so that what comes later queues up behind it.
        behindBusyKey.put(key, NOBODY);
      }
      ready.add(delivery);
    }
    return Admission.WAITING;
  }

  /** Gives a place back; returns what may run in it now, admitted already. */
  synchronized @Nullable Delivery leave(@Nullable String key) {
    running--;
    if (key != null) {
      ArrayDeque<Delivery> behind = behindBusyKey.get(key);
      if (behind == null || behind.isEmpty()) {
        behindBusyKey.remove(key);
      } else {
        // The key stays busy: its next delivery is ready, and queues like everybody else.
        ready.add(behind.remove());
      }
    }
    Delivery next = running < concurrency ? ready.poll() : null;
    if (next != null) {
      running++;
      giveBack(next);
    }
    return next;
  }

  /** Removes and returns all that waits. */
  synchronized List<Delivery> clear() {
    List<Delivery> all = new ArrayList<>(ready);
    ready.forEach(
        delivery -> {
          String key = delivery.key();
          if (key != null && behindBusyKey.containsKey(key)) {
            all.addAll(behindBusyKey.remove(key));
          }
        });
    behindBusyKey
        .values()
        .forEach(
            behind -> {
              if (!behind.isEmpty()) {
                all.addAll(behind);
                behind.clear();
              }
            });
    ready.clear();
    all.forEach(this::giveBack);
    return all;
  }

  /** Returns all that waits, in no order that means anything. */
  synchronized List<Delivery> waitingNow() {
    List<Delivery> all = new ArrayList<>(ready);
    behindBusyKey.values().forEach(all::addAll);
    return all;
  }

  /** Returns how many deliveries wait. */
  synchronized int waiting() {
    return waiting;
  }

  /** Returns how many deliveries run or wait. */
  synchronized int inFlight() {
    return running + waiting;
  }

  private boolean makeRoom(long weight) {
    if (tryTake(weight)) {
      return true;
    }
    dropExpired();
    return tryTake(weight);
  }

  private boolean tryTake(long weight) {
    if (!places.tryTake(1)) {
      return false;
    }
    if (!bytes.tryTake(weight)) {
      places.giveBack(1);
      return false;
    }
    waiting++;
    return true;
  }

  private void giveBack(Delivery delivery) {
    waiting--;
    places.giveBack(1);
    bytes.giveBack(delivery.weight());
  }

  /** Lets go what waits although its sender has given up. */
  synchronized void dropExpired() {
    behindBusyKey.values().stream()
        .filter(behind -> !behind.isEmpty())
        .forEach(behind -> behind.removeIf(this::dropped));
    List<Delivery> nextOfTheirKeys = new ArrayList<>();
    for (Iterator<Delivery> all = ready.iterator(); all.hasNext(); ) {
      Delivery delivery = all.next();
      if (dropped(delivery)) {
        all.remove();
        String key = delivery.key();
        ArrayDeque<Delivery> behind = key == null ? null : behindBusyKey.get(key);
        if (behind != null && behind.isEmpty()) {
          behindBusyKey.remove(key);
        } else if (behind != null) {
          nextOfTheirKeys.add(behind.remove());
        }
      }
    }
    ready.addAll(nextOfTheirKeys);
  }

  private boolean dropped(Delivery delivery) {
    if (!delivery.expired()) {
      return false;
    }
    giveBack(delivery);
    return true;
  }

  private void enter(@Nullable String key) {
    running++;
    if (key != null) {
      behindBusyKey.put(key, NOBODY);
    }
  }
}
