package io.datawarehouse.micro;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Everything the process prints, in files of bounded size: {@code node.log} is what this start
 * wrote, {@code node.log.1} is older, and so on. A new start begins a new file.
 *
 * <p>Thread-safe. A line is never torn apart unless it alone exceeds the size.
 */
final class RollingLog extends OutputStream {

  static final String NAME = "node.log";

  private final Path directory;
  private final long fileSize;
  private final int files;
  private OutputStream current;
  private long written;

  /**
   * Opens a new {@code node.log} in the directory, which is made if missing.
   *
   * @param fileSize bytes after which the next line starts another file
   * @param files how many files are kept, the current one included
   */
  RollingLog(Path directory, long fileSize, int files) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.fileSize = fileSize;
    this.files = files;
    this.current = openNext();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    current.write(bytes, offset, length);
    written += length;
    if (written >= fileSize && length > 0 && bytes[offset + length - 1] == '\n') {
      current.close();
      current = openNext();
    }
  }

  @Override
  public synchronized void flush() throws IOException {
    current.flush();
  }

  @Override
  public synchronized void close() throws IOException {
    current.close();
  }

  private OutputStream openNext() throws IOException {
    for (int age = files - 1; age > 0; age--) {
      Path younger = file(age - 1);
      if (Files.exists(younger)) {
        Files.move(younger, file(age), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    written = 0;
    return new BufferedOutputStream(Files.newOutputStream(file(0)));
  }

  private Path file(int age) {
    return directory.resolve(age == 0 ? NAME : NAME + "." + age);
  }
}
