package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.Wire;
import io.datawarehouse.kernel.storage.DurableFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.jgroups.Address;
import org.jgroups.protocols.raft.Log;
import org.jgroups.protocols.raft.LogEntries;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * The log, the vote and the snapshot of one node in a directory. Whatever a method has done is on
 * the disk when it returns, but for how far the log is agreed on, which goes to the disk with what
 * is written next: whoever reads what was agreed on before a leader tells must look at the entries
 * behind that, too ({@link GuardedRaft#unsettled}). Thread-safe.
 *
 * <p>The entries since the last snapshot are in memory too; a snapshot is made before they are
 * many. The file is described in {@link LogFrames}. {@code vote} holds a byte 1, the term (number),
 * the address voted for (number of bytes, bytes; 0 for none) and four bytes of CRC-32; {@code
 * snapshot} what the state machine wrote and four bytes of CRC-32.
 *
 * <p>The first failure to write is the last thing this does: it says so and refuses everything from
 * then on. What a disk holds after a failed write nobody knows; the node has to begin anew from
 * what it finds, and has to write that once more ({@link #reopen}): what can be read then may be in
 * the memory of the system alone, which takes it for written though it is not.
 */
final class DurableLog implements Log {

  private static final int VOTE_VERSION = 1;
  private static final int LONGEST_ADDRESS = 1 << 16;

  private final Path directory;
  private final Path entriesFile;
  private final Path voteFile;
  private final Path snapshotFile;
  private final LogDisk disk;
  private final Consumer<IOException> failure;

  // All guarded by this.
  private final List<LogEntry> entries = new ArrayList<>();
  private RandomAccessFile file;
  private long baseIndex;
  private long baseTerm;
  private long commitIndex;
  private long bytes;
  private long term;
  private @Nullable Address vote;
  private boolean broken;

  private DurableLog(Path directory, LogDisk disk, Consumer<IOException> failure)
      throws IOException {
    this.directory = directory;
    this.disk = disk;
    this.entriesFile = directory.resolve("entries");
    this.voteFile = directory.resolve("vote");
    this.snapshotFile = directory.resolve("snapshot");
    this.failure = failure;
    DurableFiles.createPrivateDirectories(directory);
    readVote();
    this.file = openEntries();
  }

  /**
   * Opens the log of a node, an empty one where there is none.
   *
   * @param failure told of the first failure to write; must be quick
   * @throws IOException if it cannot be read, or is damaged
   */
  static DurableLog open(Path directory, Consumer<IOException> failure) throws IOException {
    return open(directory, LogDisk.REAL, failure);
  }

  static DurableLog open(Path directory, LogDisk disk, Consumer<IOException> failure)
      throws IOException {
    return new DurableLog(directory, disk, failure);
  }

  /**
   * Opens a log again that failed while this process ran, and writes all that it finds to new
   * files.
   *
   * @throws IOException if it cannot be read, is damaged, or cannot be written still
   */
  static DurableLog reopen(Path directory, LogDisk disk, Consumer<IOException> failure)
      throws IOException {
    DurableLog log = new DurableLog(directory, disk, failure);
    try {
      log.renew();
    } catch (UncheckedIOException e) {
      log.close();
      throw new IOException(e.getMessage(), e);
    }
    return log;
  }

  private synchronized void renew() {
    ByteBuffer snapshot = getSnapshot();
    if (snapshot != null) {
      setSnapshot(snapshot);
    }
    rewrite(baseIndex, baseTerm, List.copyOf(entries));
    writeVote(term, vote);
  }

  /** Returns whether it failed, or is closed. */
  synchronized boolean broken() {
    return broken;
  }

  /** Does nothing: it is opened before it is handed over. */
  @Override
  public void init(String name, Map<String, String> arguments) {}

  /** Does nothing: it always waits for the disk. */
  @Override
  public Log useFsync(boolean value) {
    return this;
  }

  @Override
  public boolean useFsync() {
    return true;
  }

  /** Refuses: nothing of this is ever deleted by the library. */
  @Override
  public void delete() {
    throw new UnsupportedOperationException("a log is removed with its node's directory");
  }

  @Override
  public synchronized long currentTerm() {
    return term;
  }

  /** Keeps a greater term, in which nobody has the vote; a lesser one is ignored. */
  @Override
  public synchronized Log currentTerm(long newTerm) {
    if (newTerm > term) {
      writeVote(newTerm, null);
    }
    return this;
  }

  @Override
  public synchronized @Nullable Address votedFor() {
    return vote;
  }

  @Override
  public synchronized Log votedFor(@Nullable Address member) {
    if (member != null && !member.equals(vote)) {
      writeVote(term, member);
    }
    return this;
  }

  @Override
  public synchronized long commitIndex() {
    return commitIndex;
  }

  @Override
  public synchronized Log commitIndex(long index) {
    if (index > commitIndex) {
      write(new LogFrames().commit(index), false);
      commitIndex = index;
    }
    return this;
  }

  /** Returns the first entry that can be sent together with the one before it. */
  @Override
  public synchronized long firstAppended() {
    return baseIndex == 0 ? 0 : baseIndex + 1;
  }

  @Override
  public synchronized long lastAppended() {
    return last();
  }

  @Override
  public synchronized long append(long index, LogEntries added) {
    if (index != last() + 1) {
      throw new IllegalStateException("the log ends at " + last() + ", not before " + index);
    }
    LogFrames frames = new LogFrames();
    long at = index;
    for (LogEntry entry : added) {
      frames.entry(at++, entry);
    }
    write(frames, true);
    added.forEach(entries::add);
    return last();
  }

  @Override
  public synchronized @Nullable LogEntry get(long index) {
    if (index == baseIndex && index > 0) {
      return new LogEntry(baseTerm, null);
    }
    return index > baseIndex && index <= last() ? entries.get(at(index)) : null;
  }

  /** Forgets what is before that, or before what is agreed on if that is less. */
  @Override
  public synchronized void truncate(long index) {
    long base = Math.min(index, commitIndex);
    if (base > baseIndex) {
      LogEntry last = entries.get(at(base));
      rewrite(base, last.term(), List.copyOf(entries.subList(at(base) + 1, entries.size())));
    }
  }

  /** Holds nothing but the place behind a snapshot. */
  @Override
  public synchronized void reinitializeTo(long index, LogEntry entry) {
    commitIndex = index;
    rewrite(index, entry.term(), List.of());
    currentTerm(entry.term());
  }

  @Override
  public synchronized void deleteAllEntriesStartingFrom(long index) {
    if (index <= commitIndex) {
      IOException damage =
          new LogDamage(
              "another node's log differs at %d, which was agreed on up to %d"
                  .formatted(index, commitIndex));
      fail(damage);
      throw new UncheckedIOException(damage);
    }
    if (index <= last()) {
      write(new LogFrames().cut(index), true);
      entries.subList(at(index), entries.size()).clear();
    }
  }

  @Override
  public synchronized void forEach(ObjLongConsumer<LogEntry> visitor, long from, long to) {
    long first = Math.max(from, baseIndex + 1);
    for (long index = first; index <= Math.min(to, last()); index++) {
      visitor.accept(entries.get(at(index)), index);
    }
  }

  @Override
  public synchronized void forEach(ObjLongConsumer<LogEntry> visitor) {
    forEach(visitor, baseIndex + 1, last());
  }

  @Override
  public synchronized long size() {
    return entries.size();
  }

  @Override
  public synchronized long sizeInBytes() {
    return bytes;
  }

  @Override
  public synchronized void setSnapshot(ByteBuffer snapshot) {
    byte[] content = new byte[snapshot.remaining()];
    snapshot.duplicate().get(content);
    ByteBuffer framed = ByteBuffer.allocate(content.length + Integer.BYTES);
    framed.put(content).putInt(LogFrames.checksum(content));
    replace(snapshotFile, framed.array());
  }

  /** Returns the snapshot; null where there is none. */
  @Override
  public synchronized @Nullable ByteBuffer getSnapshot() {
    if (Files.notExists(snapshotFile)) {
      return null;
    }
    try {
      byte[] framed = Files.readAllBytes(snapshotFile);
      int length = framed.length - Integer.BYTES;
      if (length < 0) {
        throw new IOException("the snapshot is cut off");
      }
      byte[] content = Arrays.copyOf(framed, length);
      if (ByteBuffer.wrap(framed).getInt(length) != LogFrames.checksum(content)) {
        throw new IOException("the snapshot is damaged");
      }
      return ByteBuffer.wrap(content);
    } catch (IOException e) {
      fail(e);
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    broken = true;
    try {
      file.close();
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public synchronized String toString() {
    return "log %d to %d, agreed to %d, term %d".formatted(baseIndex, last(), commitIndex, term);
  }

  private long last() {
    return baseIndex + entries.size();
  }

  private int at(long index) {
    return (int) (index - baseIndex - 1);
  }

  private void rewrite(long index, long indexTerm, List<LogEntry> kept) {
    LogFrames frames = new LogFrames().base(index, indexTerm);
    if (commitIndex > index) {
      frames.commit(commitIndex);
    }
    long next = index + 1;
    for (LogEntry entry : kept) {
      frames.entry(next++, entry);
    }
    byte[] written = frames.toBytes();
    byte[] content = Arrays.copyOf(LogFrames.HEADER, LogFrames.HEADER.length + written.length);
    System.arraycopy(written, 0, content, LogFrames.HEADER.length, written.length);
    replace(entriesFile, content);
    try {
      file.close();
      file = new RandomAccessFile(entriesFile.toFile(), "rw");
      file.seek(content.length);
    } catch (IOException e) {
      fail(e);
      throw new UncheckedIOException(e);
    }
    bytes = content.length;
    entries.clear();
    entries.addAll(kept);
    baseIndex = index;
    baseTerm = indexTerm;
  }

  private void write(LogFrames frames, boolean wait) {
    requireWhole();
    byte[] written = frames.toBytes();
    try {
      disk.append(file, written, wait);
      bytes += written.length;
    } catch (IOException e) {
      fail(e);
      throw new UncheckedIOException(e);
    }
  }

  private void replace(Path target, byte[] content) {
    requireWhole();
    try {
      disk.replace(target, directory.resolve(target.getFileName() + ".tmp"), content);
    } catch (IOException e) {
      fail(e);
      throw new UncheckedIOException(e);
    }
  }

  private void writeVote(long newTerm, @Nullable Address member) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(content);
    try {
      byte[] address = addressBytes(member);
      out.writeByte(VOTE_VERSION);
      Wire.writeNumber(out, newTerm);
      Wire.writeNumber(out, address.length);
      out.write(address);
      out.writeInt(LogFrames.checksum(content.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    replace(voteFile, content.toByteArray());
    term = newTerm;
    vote = member;
  }

  private static byte[] addressBytes(@Nullable Address address) throws IOException {
    if (address == null) {
      return new byte[0];
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    Util.writeAddress(address, new DataOutputStream(content));
    return content.toByteArray();
  }

  private void readVote() throws IOException {
    if (Files.notExists(voteFile)) {
      return;
    }
    byte[] content = Files.readAllBytes(voteFile);
    int length = content.length - Integer.BYTES;
    if (length < 1
        || ByteBuffer.wrap(content).getInt(length)
            != LogFrames.checksum(Arrays.copyOf(content, length))) {
      throw new IOException(voteFile + " is damaged");
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(content, 0, length));
    int version = in.readUnsignedByte();
    if (version != VOTE_VERSION) {
      throw new IOException("a vote of version " + version + ", this release reads 1");
    }
    term = Wire.readNumber(in);
    byte[] address = in.readNBytes(Wire.readCount(in, LONGEST_ADDRESS));
    vote = address.length == 0 ? null : readAddress(address);
  }

  private static Address readAddress(byte[] address) throws IOException {
    try {
      return Util.readAddress(new DataInputStream(new ByteArrayInputStream(address)));
    } catch (ClassNotFoundException e) {
      throw new IOException("a vote for an unknown kind of address", e);
    }
  }

  private RandomAccessFile openEntries() throws IOException {
    if (Files.notExists(entriesFile)) {
      disk.replace(entriesFile, directory.resolve("entries.tmp"), LogFrames.HEADER.clone());
    }
    int whole = LogFrames.read(Files.readAllBytes(entriesFile), new Replay());
    if (commitIndex > last() || commitIndex < baseIndex) {
      throw new IOException(
          "the log ends at %d and was agreed on up to %d".formatted(last(), commitIndex));
    }
    RandomAccessFile opened = new RandomAccessFile(entriesFile.toFile(), "rw");
    if (opened.length() > whole) {
      opened.setLength(whole);
      opened.getFD().sync();
    }
    opened.seek(whole);
    bytes = whole;
    return opened;
  }

  private void requireWhole() {
    if (broken) {
      throw new IllegalStateException("the log is closed, or failed before");
    }
  }

  private void fail(IOException cause) {
    if (!broken) {
      broken = true;
      failure.accept(cause);
    }
  }

  /** Makes of a file what it says. */
  private final class Replay implements LogFrames.Reader {

    @Override
    public void base(long index, long indexTerm) {
      baseIndex = index;
      baseTerm = indexTerm;
      commitIndex = index;
    }

    @Override
    public void entry(long index, LogEntry entry) throws IOException {
      if (index != last() + 1) {
        throw new IOException("the log goes from %d to %d".formatted(last(), index));
      }
      entries.add(entry);
    }

    @Override
    public void commit(long index) {
      commitIndex = Math.max(commitIndex, index);
    }

    @Override
    public void cut(long index) throws IOException {
      if (index <= commitIndex || index > last()) {
        throw new IOException("the log is cut at %d of %d".formatted(index, last()));
      }
      entries.subList(at(index), entries.size()).clear();
    }
  }
}
