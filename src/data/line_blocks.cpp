#include "data/line_blocks.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace irene::data {

namespace {

/// Where the last line end stands; null where there is none.
const char* last_line_end(const char* text, std::size_t size) {
#ifdef __linux__
    // It looks at many bytes at once, std::string_view::rfind() at one.
    return static_cast<const char*>(::memrchr(text, '\n', size));
#else
    const std::size_t at = std::string_view(text, size).rfind('\n');
    return at == std::string_view::npos ? nullptr : text + at;
#endif
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The name of a model is easily given where its trees belong.
const std::filesystem::path& refuse_name_of_model(const std::filesystem::path& path) {
    std::error_code error;
    const bool may_be_file = path.empty() || path == "-" || std::filesystem::exists(path, error) || error ||
                             path.extension().string().find("json") != std::string::npos;
    if (!may_be_file) {
        throw Error(ErrorKind::no_input,
                    "cannot be read: " + std::generic_category().message(ENOENT) +
                        "; a file of trees is wanted, which irene-extract makes from a model's config.json",
                    {.file = path.string()});
    }
    return path;
}

/// Bytes of the lines that a program gives.
class GivenLines : public base::ByteSource {
  public:
    GivenLines(NextLines next, const std::string& source, StopFlag stop)
        : ByteSource(source), next_(std::move(next)), stop_(stop) {}

    std::size_t read(char* out, std::size_t size, StopFlag given_up) override {
        while (at_ == text_.size()) {
            base::check(stop_);
            base::check(given_up);
            text_.clear();
            at_ = 0;
            if (has_ended_ || !next_(text_)) {
                has_ended_ = true;
                return 0;
            }
            if (!text_.empty() && text_.back() != '\n') text_ += '\n';
        }
        const std::size_t count = text_.copy(out, size, at_);
        at_ += count;
        return count;
    }

  private:
    NextLines next_;
    StopFlag stop_;
    std::string text_;    // of whole lines
    std::size_t at_ = 0;  // where the bytes begin that were not yet read
    bool has_ended_ = false;
};

}  // namespace

LineBlocks::LineBlocks(const std::filesystem::path& path, StopFlag stop, std::size_t max_line_bytes)
    : input_(std::make_unique<base::InputFile>(refuse_name_of_model(path), stop)),
      max_line_bytes_(max_line_bytes) {}

LineBlocks::LineBlocks(NextLines next, const std::string& source, StopFlag stop, std::size_t max_line_bytes)
    : input_(std::make_unique<GivenLines>(std::move(next), source, stop)), max_line_bytes_(max_line_bytes) {}

bool LineBlocks::next(LineBlock& block) {
    const std::lock_guard lock(mutex_);
    if (at_end_) return false;
    std::size_t size = rest_.size();
    block.buffer.resize(std::max({block.buffer.size(), kBlockBytes + kPadding, size + kPadding}));
    std::copy(rest_.begin(), rest_.end(), block.buffer.begin());
    rest_.clear();

    // Read until the block is full; a short read (a pipe's writer pausing) ends it early once it holds a
    // whole line.
    std::size_t whole = 0;  // end of the last whole line
    bool ended = false;
    at_end_ = true;  // where this throws, no other thread reads on in the middle of a line
    while (true) {
        if (size + kPadding == block.buffer.size()) {
            if (whole > 0) break;
            if (size > max_line_bytes_) {
                throw Error(ErrorKind::data,
                            "longer than the " + std::to_string(max_line_bytes_) +
                                " bytes that a line may have; --max_line_bytes allows more",
                            {.file = name(), .line = next_line_});
            }
            // One byte more than a line may have, so that its end or its excess is seen.
            block.buffer.resize(std::max(size, std::min(2 * size, max_line_bytes_)) + 1 + kPadding);
        }
        const std::size_t room = block.buffer.size() - kPadding - size;
        char* fresh = block.buffer.data() + size;
        const std::size_t count = input_->read(fresh, room, &given_up_);
        size += count;
        if (count == 0) {
            ended = true;
            whole = size;
            break;
        }
        if (const char* newline = last_line_end(fresh, count); newline != nullptr)
            whole = static_cast<std::size_t>(newline - block.buffer.data()) + 1;
        if (count < room && whole > 0) break;
    }

    at_end_ = ended;
    rest_.assign(block.buffer.begin() + static_cast<std::ptrdiff_t>(whole),
                 block.buffer.begin() + static_cast<std::ptrdiff_t>(size));
    block.size = whole;
    block.sequence = next_sequence_++;
    block.first_line = next_line_;
    block.start = block.sequence == 0 && block.text().starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    const std::string_view text = block.text();
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        ++next_line_;
    return block.size > 0;
}

}  // namespace irene::data
