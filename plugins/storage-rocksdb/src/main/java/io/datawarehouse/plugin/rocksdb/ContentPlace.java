package io.datawarehouse.plugin.rocksdb;

/** Where the content of a version lies. Ids are never used twice. Immutable. */
sealed interface ContentPlace {

  /** Returns the id of the content. */
  long id();

  /** Returns how many bytes of content there are. */
  long length();

  /** Returns how many bytes they take in the store. */
  long storedLength();

  /**
   * In RocksDB, in one piece; content without bytes lies nowhere.
   *
   * @param id its key
   * @param length its size
   */
  record Inline(long id, long length) implements ContentPlace {
    @Override
    public long storedLength() {
      return length == 0 ? 0 : length + InlineContent.CHECKSUM_BYTES;
    }
  }

  /**
   * In a file of its own.
   *
   * @param id the file's name
   * @param length how many bytes of content are in it
   * @param storedLength the length of the file
   */
  record InFile(long id, long length, long storedLength) implements ContentPlace {}
}
