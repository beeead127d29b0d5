package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.LogPosition;
import io.datawarehouse.kernel.coordination.ProposalFormat;
import io.datawarehouse.kernel.coordination.RegistryStateMachine;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.function.Consumer;
import org.jgroups.raft.StateMachine;
import org.jspecify.annotations.Nullable;

/**
 * Brings what the library agreed on to the registries. The library goes on when a state machine
 * fails; this does not: what it cannot read it says, and then applies and tells nothing more.
 * Confined to whoever holds the guard of {@link GuardedRaft}.
 */
final class AppliedLog implements StateMachine {

  private final RegistryStateMachine machine;
  private final Runnable loaded;
  private final Consumer<IOException> failure;
  private LogPosition next = LogPosition.START;
  private volatile boolean failed;

  AppliedLog(RegistryStateMachine machine, Runnable loaded, Consumer<IOException> failure) {
    this.machine = machine;
    this.loaded = loaded;
    this.failure = failure;
  }

  RegistryStateMachine machine() {
    return machine;
  }

  /** Begins anew, before what is on disk is read. */
  void clear() {
    machine.clear();
  }

  /** Says that what is on disk is read. */
  void loaded() {
    loaded.run();
  }

  /** Says where the entry stands that comes next. */
  void at(LogPosition position) {
    requireWhole();
    next = position;
  }

  /** Passes over an entry that is the library's own. */
  void skip() {
    machine.skip(next);
  }

  @Override
  public byte @Nullable [] apply(byte[] data, int offset, int length, boolean answer) {
    requireWhole();
    try {
      machine.apply(next, ProposalFormat.read(data, offset, length));
      return null;
    } catch (IOException e) {
      fail(new LogDamage("entry %d of the log: %s".formatted(next.index(), e.getMessage()), e));
    } catch (RuntimeException e) {
      fail(new LogDamage("entry %d of the log cannot be applied".formatted(next.index()), e));
    }
    throw new IllegalStateException("the log cannot be applied");
  }

  @Override
  public void readContentFrom(DataInput in) throws IOException {
    requireWhole();
    try {
      machine.readFrom(in);
    } catch (IOException e) {
      fail(new LogDamage("a snapshot: " + e.getMessage(), e));
      throw e;
    }
  }

  @Override
  public void writeContentTo(DataOutput out) throws IOException {
    requireWhole();
    machine.writeTo(out);
  }

  /** Applies nothing more: the registries are another one's from now on. */
  void retire() {
    failed = true;
  }

  private void requireWhole() {
    if (failed) {
      throw new IllegalStateException(
          "an entry of the log could not be applied, or the log was opened again");
    }
  }

  private void fail(IOException cause) {
    failed = true;
    failure.accept(cause);
  }
}
