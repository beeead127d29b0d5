package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.storage.DurableFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** How what a log writes gets to the disk. Thread-safe; tests have one that fails. */
interface LogDisk {

  /** The disk that the files lie on. */
  LogDisk REAL =
      new LogDisk() {
        @Override
        public void append(RandomAccessFile file, byte[] bytes, boolean wait) throws IOException {
          file.write(bytes);
          if (wait) {
            file.getFD().sync();
          }
        }

        @Override
        public void replace(Path target, Path temporary, byte[] content) throws IOException {
          DurableFiles.replace(target, temporary, content);
        }
      };

  /**
   * Writes at the end of a file.
   *
   * @param wait whether to return only when it is on the disk
   */
  void append(RandomAccessFile file, byte[] bytes, boolean wait) throws IOException;

  /** Puts a file in place of another; on the disk when this returns. */
  void replace(Path target, Path temporary, byte[] content) throws IOException;
}
