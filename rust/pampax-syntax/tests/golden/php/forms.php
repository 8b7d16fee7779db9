<?php
// Written for this project: the forms of a PHP definition that the other fixtures lack.

declare(strict_types=1);

namespace Forms\Model;

use Forms\Base\{Named, Store as BaseStore};
use InvalidArgumentException;
use function Forms\helper;
use const Forms\LIMIT;

require_once __DIR__ . '/bootstrap.php';

const DEFAULT_SIZE = 64, MAXIMUM_SIZE = 4096;
define('FORMS_VERSION', '1.0');

/**
 * Adds two numbers.
 */
function add(int $a, int $b = 0): int
{
    return max($a, 0) + $b;
}

function &counter(): int
{
    static $count = 0;
    return $count;
}

/** Something that has a name. */
interface Nameable extends Named, \Countable
{
    public const SEPARATOR = '/';

    public function name(): string;

    public static function create(string $name): static;
}

trait Counts
{
    private int $count = 0;

    public function increment(): void
    {
        $this->count++;
    }

    abstract protected function limit(): int;
}

#[Attribute(Attribute::TARGET_CLASS)]
final readonly class Point
{
    public function __construct(
        public int $x = 0,
        private readonly ?int $y = null,
        string $label = '',
    ) {
    }
}

/** The colours. */
enum Suit: string implements Nameable
{
    use Counts;

    /** Red. */
    case Hearts = 'H';
    case Spades = 'S';

    const Wild = self::Spades;

    public function name(): string
    {
        return match ($this) {
            self::Hearts => 'hearts',
            self::Spades => 'spades',
        };
    }
}

enum Status
{
    case Active;
    case Closed;
}

abstract class Store extends BaseStore implements Nameable, \IteratorAggregate
{
    use Counts, Logs {
        Counts::increment as protected count;
    }

    const LIMIT = 10, HALF = 5;
    final public const string KIND = 'store';

    /** @var array<string, Point> */
    private array $items = [];
    protected static ?self $instance = null, $other = null;
    public $untyped;
    var $ancient = 1;

    public string $title {
        get => ucfirst($this->title);
        set(string $value) {
            $this->title = trim($value);
        }
    }

    public function __construct(string $name)
    {
        parent::__construct($name);
        $this->items[$name] = new Point(1, 2);
        $nested = function (int $x) use ($name) {
            return $x + strlen($name);
        };
        $nested(3);
    }

    public function __destruct()
    {
    }

    #[\ReturnTypeWillChange]
    public function getIterator()
    {
        yield from $this->items;
    }

    abstract protected function load(string $path): ?Point;

    public static function create(string $name): static
    {
        if (!isset(self::$instance)) {
            self::$instance = new static($name);
        }
        helper($name);
        \Forms\other($name);
        $object = new class($name) extends Store {
            protected function load(string $path): ?Point
            {
                throw new InvalidArgumentException($path);
            }
        };
        return $object?->increment() ?? Suit::Hearts->name();
    }
}

if (!function_exists('polyfill')) {
    function polyfill(string $text): string
    {
        return $text;
    }
}

$handler = fn (int $x): int => $x * 2;
$routes = ['a' => 1];
